using System.Diagnostics;

namespace Lambda.TestSupport.S3;

/// <summary>
/// A server of an S3-compatible object storage with its data in a temporary folder, which ends with the process that started it, also when that is killed.
/// </summary>
public sealed class S3Server : IAsyncDisposable
{
    /// <summary>The bucket that is there.</summary>
    public const string Bucket = "lambda-tests";

    private readonly string _scripts;
    private readonly string _folder;

    private S3Server(string scripts, string folder)
    {
        _scripts = scripts;
        _folder = folder;
    }

    /// <summary>Where it listens. Any access key and secret will do.</summary>
    public Uri Endpoint { get; private set; } = new("http://127.0.0.1/");

    private static string? Scripts => ScriptFolder.Find("s3", "S3_HOME", "s3-start");

    /// <summary>Why no server can be started here; null when one can.</summary>
    public static string? WhyNot => Scripts is null
        ? "There is no S3 server to test with. Put a folder with the scripts s3-start and s3-stop at ../shared/s3 beside the repository, or name it in S3_HOME."
        : null;

    /// <summary>Starts a server.</summary>
    public static async Task<S3Server> StartAsync()
    {
        S3Server server = new(Scripts ?? throw new InvalidOperationException(WhyNot), Directory.CreateTempSubdirectory("lambda-s3-").FullName);
        server.EndWithThisProcess();
        string output = await server.RunAsync("s3-start", ["0", server._folder, Bucket]);
        string line = output.Split('\n').FirstOrDefault(text => text.StartsWith("endpoint=", StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"The server did not start:\n{output}");
        server.Endpoint = new Uri(line.Trim()["endpoint=".Length..]);
        return server;
    }

    /// <summary>Ends it and removes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        await RunAsync("s3-stop", [_folder]);
        Directory.Delete(_folder, recursive: true);
    }

    // The server is in a session of its own and would outlive a test process that is killed.
    private void EndWithThisProcess() => Process.Start(
        "setsid",
        ["sh", "-c", "tail --pid=\"$1\" -f /dev/null; \"$2/s3-stop\" \"$3\" 2> /dev/null; rm -rf \"$3\"", "sh", $"{Environment.ProcessId}", _scripts, _folder])!
        .Dispose();

    private async Task<string> RunAsync(string script, string[] arguments)
    {
        // Output goes to a file: the server inherits the handles, and a pipe would stay open as long as it lives.
        string output = Path.Combine(_folder, $"{script}.out");
        using Process process = Process.Start("sh", ["-c", "out=\"$1\"; shift; exec \"$@\" > \"$out\" 2>&1", "sh", output, Path.Combine(_scripts, script), .. arguments]);
        await process.WaitForExitAsync();
        string text = await File.ReadAllTextAsync(output);
        return process.ExitCode == 0 ? text : throw new InvalidOperationException($"{script} failed with exit code {process.ExitCode}:\n{text}");
    }
}
