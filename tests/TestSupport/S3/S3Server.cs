namespace Lambda.TestSupport.S3;

/// <summary>
/// A server of an S3-compatible object storage with its data in a temporary folder, which ends with the process that started it, also when that is killed.
/// </summary>
public sealed class S3Server : IAsyncDisposable
{
    /// <summary>The bucket that is there.</summary>
    public const string Bucket = "lambda-tests";

    private readonly ServerScripts _server;

    private S3Server(ServerScripts server) => _server = server;

    /// <summary>Where it listens. Any access key and secret will do.</summary>
    public Uri Endpoint { get; private set; } = new("http://127.0.0.1/");

    private static string? Scripts => ServerScripts.Find("s3", "S3_HOME", "s3-start");

    /// <summary>Why no server can be started here; null when one can.</summary>
    public static string? WhyNot => Scripts is null
        ? "There is no S3 server to test with. Put a folder with the scripts s3-start and s3-stop at ../shared/s3 beside the repository, or name it in S3_HOME."
        : null;

    /// <summary>Starts a server.</summary>
    public static async Task<S3Server> StartAsync()
    {
        string scripts = Scripts ?? throw new InvalidOperationException(WhyNot);
        S3Server server = new(ServerScripts.InNewFolder(scripts, "lambda-s3-", "s3-stop"));
        string output = await server._server.RunAsync("s3-start", $"{FreePort.Next()}", server._server.Folder, Bucket);
        string line = output.Split('\n').FirstOrDefault(text => text.StartsWith("endpoint=", StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"The server did not start:\n{output}");
        server.Endpoint = new Uri(line.Trim()["endpoint=".Length..]);
        return server;
    }

    /// <summary>Ends it and removes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        await _server.RunAsync("s3-stop", _server.Folder);
        Directory.Delete(_server.Folder, recursive: true);
    }
}
