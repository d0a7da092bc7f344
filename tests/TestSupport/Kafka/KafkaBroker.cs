using System.Diagnostics;

namespace Lambda.TestSupport.Kafka;

/// <summary>
/// A real Kafka broker with its data in a temporary folder, which ends with the process that started it, also when that is killed.
/// </summary>
public sealed class KafkaBroker : IAsyncDisposable
{
    private const string HowToGet =
        "There is no Kafka to test with. Put a folder with the scripts kafka-start and kafka-stop at ../shared/kafka beside the repository, or name it in KAFKA_HOME.";

    // A port may be taken between its choice and the broker's start, some seconds later.
    private const int Attempts = 3;

    // Members of groups of the broker's protocol learn of changes by their heartbeats, which come every five seconds by default.
    private static readonly string[] QuickGroups =
        ["group.consumer.min.heartbeat.interval.ms=200", "group.consumer.heartbeat.interval.ms=500", "group.consumer.min.session.timeout.ms=2000",
            "group.consumer.session.timeout.ms=6000", "group.min.session.timeout.ms=1000"];

    private readonly ServerScripts _server;
    private readonly string[] _settings;
    private int _port;

    private KafkaBroker(ServerScripts server, string[] settings)
    {
        _server = server;
        _settings = settings;
    }

    /// <summary>Where it listens, as <c>host:port</c>; the same after a restart.</summary>
    public string Bootstrap => $"127.0.0.1:{_port}";

    private static string? Scripts => ServerScripts.Find("kafka", "KAFKA_HOME", "kafka-start");

    /// <summary>Why no broker can be started here; null when one can.</summary>
    public static string? WhyNot => Scripts is null ? HowToGet : null;

    /// <summary>Starts a broker.</summary>
    /// <param name="settings">Settings of the broker, as <c>name=value</c>.</param>
    public static async Task<KafkaBroker> StartAsync(params string[] settings)
    {
        string scripts = Scripts ?? throw new InvalidOperationException(HowToGet);
        var broker = new KafkaBroker(ServerScripts.InNewFolder(scripts, "lambda-kafka-", "kafka-stop", "--kill"), settings);
        await TryAsync(() =>
        {
            broker._port = FreePort.Next();
            return broker.StartOnceAsync();
        });
        return broker;
    }

    /// <summary>Starts it after it was killed or stopped, with the data it had.</summary>
    public Task StartAgainAsync() => TryAsync(StartOnceAsync);

    /// <summary>Kills it as a crash would.</summary>
    public Task KillAsync() => _server.RunAsync("kafka-stop", _server.Folder, "--kill");

    /// <summary>Halts its process without ending it: it answers nobody until <see cref="ContinueAsync"/>.</summary>
    public Task HaltAsync() => SignalAsync("-STOP");

    /// <summary>Has a halted broker go on.</summary>
    public Task ContinueAsync() => SignalAsync("-CONT");

    /// <summary>Ends it and removes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_server.Folder, recursive: true);
    }

    private static async Task TryAsync(Func<Task> start)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await start();
                return;
            }
            catch (InvalidOperationException) when (attempt < Attempts)
            {
            }
        }
    }

    private Task<string> StartOnceAsync()
    {
        // The script's own choice of the controller's port may be one of an outgoing connection; of settings that are given twice, the last counts.
        int controller = FreePort.Next();
        return _server.RunAsync(
            "kafka-start",
            [$"{_port}", _server.Folder, $"controller.quorum.voters=1@127.0.0.1:{controller}", $"listeners=PLAINTEXT://{Bootstrap},CONTROLLER://127.0.0.1:{controller}",
                .. QuickGroups, .. _settings]);
    }

    private async Task SignalAsync(string signal)
    {
        string pid = (await File.ReadAllTextAsync(Path.Combine(_server.Folder, "pid"))).Trim();
        using Process kill = Process.Start("kill", [signal, pid]);
        await kill.WaitForExitAsync();
    }
}
