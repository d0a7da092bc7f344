using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Lambda.Bench.Recovery;

/// <summary>A process that serves the flights, with a client of its API.</summary>
internal sealed class ServedApp : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private HttpClient? _client;

    private ServedApp(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
    }

    /// <summary>What CPU it has taken, by all its threads.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts the process.</summary>
    /// <param name="form">What it computes (see <see cref="ServeCommand"/>).</param>
    /// <param name="folder">Its data folder.</param>
    /// <param name="settings">Settings, as environment variables.</param>
    public static ServedApp Start(string form, string folder, IReadOnlyDictionary<string, string> settings)
    {
        Process process = new()
        {
            StartInfo = new ProcessStartInfo(
                "dotnet", [typeof(ServedApp).Assembly.Location, ServeCommand.Name, form, "run", "--urls", "http://127.0.0.1:0", "--data", folder])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        foreach ((string name, string value) in settings)
        {
            process.StartInfo.Environment[name] = value;
        }

        ServedApp app = new(process);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return app;
    }

    /// <summary>Waits until it serves.</summary>
    public async Task ListenAsync()
    {
        Task ended = _process.WaitForExitAsync();
        if (await Task.WhenAny(_address.Task, ended).WaitAsync(Patience) == ended)
        {
            throw new InvalidOperationException($"The process ended with exit code {_process.ExitCode} before it served:\n{_output}");
        }

        _client = new HttpClient { BaseAddress = await _address.Task, Timeout = Patience };
    }

    /// <summary>Has it append events, and waits until they are durable.</summary>
    public async Task PostAsync(byte[] ndjson)
    {
        using ByteArrayContent content = new(ndjson);
        content.Headers.ContentType = new("application/x-ndjson");
        using HttpResponseMessage answer = await _client!.PostAsync(new Uri($"api/streams/{Flight.StreamName}/events", UriKind.Relative), content);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Where the stream stands.</summary>
    public async Task<Standing> ReadAsync()
    {
        using JsonDocument stream = JsonDocument.Parse(
            await _client!.GetByteArrayAsync(new Uri($"api/streams/{Flight.StreamName}", UriKind.Relative)));
        long committed = 0;
        long appended = 0;
        foreach (JsonElement partition in stream.RootElement.GetProperty("partitions").EnumerateArray())
        {
            committed += partition.GetProperty("nextOffset").GetInt64();
            appended += partition.GetProperty("logEnd").GetInt64();
        }

        return new Standing(committed, appended);
    }

    /// <summary>Waits until everything that the log holds is committed.</summary>
    public async Task CatchUpAsync()
    {
        for (long started = Stopwatch.GetTimestamp(); ;)
        {
            Standing standing = await ReadAsync();
            if (standing.Committed == standing.Appended)
            {
                return;
            }

            if (Stopwatch.GetElapsedTime(started) > Patience)
            {
                throw new InvalidOperationException($"The process does not get on: {standing}\n{_output}");
            }

            await Task.Delay(5);
        }
    }

    /// <summary>Kills it: nothing in it gets to know.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _client?.Dispose();
        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.AppendLine(line);
        }

        const string Mark = "serves at ";
        int at = line.IndexOf(Mark, StringComparison.Ordinal);
        if (at >= 0 && Uri.TryCreate(line[(at + Mark.Length)..].Split([' ', ','])[0], UriKind.Absolute, out Uri? address))
        {
            _address.TrySetResult(address);
        }
    }
}

/// <summary>Offsets of all partitions together.</summary>
/// <param name="Committed">Those that the speed layer has committed.</param>
/// <param name="Appended">Those that the log holds.</param>
internal readonly record struct Standing(long Committed, long Appended);
