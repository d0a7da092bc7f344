using System.Diagnostics;

namespace Lambda.TestSupport.Kafka;

/// <summary>
/// A real Kafka broker with its data in a temporary folder, which ends with the process that started it, also when that is killed.
/// </summary>
public sealed class KafkaBroker : IAsyncDisposable
{
    private const string HowToGet =
        "There is no Kafka to test with. Put a folder with the scripts kafka-start and kafka-stop at ../shared/kafka beside the repository, or name it in KAFKA_HOME.";

    // Members of groups of the broker's protocol learn of changes by their heartbeats, which come every five seconds by default.
    private static readonly string[] QuickGroups =
        ["group.consumer.min.heartbeat.interval.ms=200", "group.consumer.heartbeat.interval.ms=500", "group.consumer.min.session.timeout.ms=2000",
            "group.consumer.session.timeout.ms=6000", "group.min.session.timeout.ms=1000"];

    private readonly string _scripts;
    private readonly string _folder;
    private readonly string[] _settings;
    private string _port = "0";

    private KafkaBroker(string scripts, string folder, string[] settings)
    {
        _scripts = scripts;
        _folder = folder;
        _settings = settings;
    }

    /// <summary>Where it listens, as <c>host:port</c>; the same after a restart.</summary>
    public string Bootstrap => $"127.0.0.1:{_port}";

    private static string? Scripts => ScriptFolder.Find("kafka", "KAFKA_HOME", "kafka-start");

    /// <summary>Why no broker can be started here; null when one can.</summary>
    public static string? WhyNot => Scripts is null ? HowToGet : null;

    /// <summary>Starts a broker.</summary>
    /// <param name="settings">Settings of the broker, as <c>name=value</c>.</param>
    public static async Task<KafkaBroker> StartAsync(params string[] settings)
    {
        string scripts = Scripts ?? throw new InvalidOperationException(HowToGet);
        var broker = new KafkaBroker(scripts, Directory.CreateTempSubdirectory("lambda-kafka-").FullName, settings);
        broker.EndWithThisProcess();
        await broker.StartAgainAsync();
        return broker;
    }

    /// <summary>Starts it after it was killed or stopped, with the data it had.</summary>
    public async Task StartAgainAsync()
    {
        string output = await RunAsync("kafka-start", [_port, _folder, .. QuickGroups, .. _settings]);
        string line = output.Split('\n').FirstOrDefault(text => text.StartsWith("bootstrap=", StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"The broker did not start:\n{output}");
        _port = line.Trim().Split(':')[^1];
    }

    /// <summary>Kills it as a crash would.</summary>
    public Task KillAsync() => RunAsync("kafka-stop", [_folder, "--kill"]);

    /// <summary>Halts its process without ending it: it answers nobody until <see cref="ContinueAsync"/>.</summary>
    public Task HaltAsync() => SignalAsync("-STOP");

    /// <summary>Has a halted broker go on.</summary>
    public Task ContinueAsync() => SignalAsync("-CONT");

    /// <summary>Ends it and removes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task SignalAsync(string signal)
    {
        string pid = (await File.ReadAllTextAsync(Path.Combine(_folder, "pid"))).Trim();
        using Process kill = Process.Start("kill", [signal, pid]);
        await kill.WaitForExitAsync();
    }

    // The broker is in a session of its own and would outlive a test process that is killed.
    private void EndWithThisProcess() => Process.Start(
        "setsid",
        ["sh", "-c", "tail --pid=\"$1\" -f /dev/null; \"$2/kafka-stop\" \"$3\" --kill 2> /dev/null; rm -rf \"$3\"", "sh", $"{Environment.ProcessId}", _scripts, _folder])!
        .Dispose();

    private async Task<string> RunAsync(string script, string[] arguments)
    {
        // Output goes to a file: the broker inherits the handles, and a pipe would stay open as long as it lives.
        string output = Path.Combine(_folder, $"{script}.out");
        using Process process = Process.Start("sh", ["-c", "out=\"$1\"; shift; exec \"$@\" > \"$out\" 2>&1", "sh", output, Path.Combine(_scripts, script), .. arguments]);
        await process.WaitForExitAsync();
        string text = await File.ReadAllTextAsync(output);
        return process.ExitCode == 0 ? text : throw new InvalidOperationException($"{script} failed with exit code {process.ExitCode}:\n{text}");
    }
}
