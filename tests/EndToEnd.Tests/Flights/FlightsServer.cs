using Lambda.EndToEnd.Tests.Running;

namespace Lambda.EndToEnd.Tests.Flights;

/// <summary>The flights sample as it comes, started on an empty data folder; it has taken in its flights and published them.</summary>
public sealed class FlightsServer : IAsyncLifetime
{
    public const string Stream = "flights";

    private readonly string _root = Directory.CreateTempSubdirectory("lambda-flights-").FullName;
    private AppProcess? _app;
    private Api? _api;

    /// <summary>The file that the sample begins with.</summary>
    public static string File => Path.Combine(AppContext.BaseDirectory, "data", "flights-2001-01.parquet");

    public string Data => Path.Combine(_root, "data");

    /// <summary>Folders that a program might write to, made for this one.</summary>
    public IReadOnlyList<string> Elsewhere => [Path.Combine(_root, "home"), Path.Combine(_root, "temporary"), Path.Combine(_root, "current")];

    /// <summary>The history of its events.</summary>
    public string History => Path.Combine(Data, "history", Stream, "events");

    internal Api Api => _api ?? throw new InvalidOperationException("The server has not started.");

    public Uri Address => Api.Client.BaseAddress!;

    public async ValueTask InitializeAsync()
    {
        foreach (string folder in Elsewhere)
        {
            Directory.CreateDirectory(folder);
        }

        Dictionary<string, string> environment = new()
        {
            ["HOME"] = Elsewhere[0],
            ["XDG_DATA_HOME"] = Elsewhere[0],
            ["TMPDIR"] = Elsewhere[1],

            // The runtime's own socket for debuggers is no file of the application.
            ["DOTNET_EnableDiagnostics"] = "0",
        };
        _app = AppProcess.Start(
            Path.Combine(AppContext.BaseDirectory, "Flights.dll"), environment, ["--data", Data, "--urls", "http://127.0.0.1:0"], Elsewhere[2]);
        _api = new Api(await _app.AddressAsync());
        long flights = (long)Duck.Query($"SELECT count(*) FROM '{File}'")[0][0]!;
        await _api.UntilAsync(
            $"/api/streams/{Stream}",
            stream => stream.GetProperty("boundary").EnumerateArray().Sum(offset => offset.GetInt64()) == flights);
    }

    public async ValueTask DisposeAsync()
    {
        _api?.Dispose();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        Directory.Delete(_root, recursive: true);
    }
}

/// <summary>Tests that share one server.</summary>
[CollectionDefinition(nameof(FlightsServer))]
public sealed class FlightsServerUsers : ICollectionFixture<FlightsServer>;
