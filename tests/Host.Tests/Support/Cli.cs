using System.Diagnostics;
using System.Text;
using Xunit;

namespace Lambda.Host.Tests.Support;

/// <summary>A built program, run as a process of its own.</summary>
internal sealed class Cli : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();
    private readonly TaskCompletionSource<string> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Cli(string name, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment)
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? $"{name}.exe" : name), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string variable, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[variable] = value;
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Take(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Take(_error, line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    /// <summary>Runs a command of the flights sample to its end, in a process that does others as well where descriptors can be redirected.</summary>
    public static Task<Ended> FlightsAsync(params string[] arguments) =>
        OperatingSystem.IsWindows() ? RunAsync("Flights", arguments, input: null, environment: null) : CommandProcess.RunAsync(arguments);

    /// <summary>Runs a program to its end, in a process of its own.</summary>
    public static async Task<Ended> RunAsync(
        string name, string[] arguments, string? input, IReadOnlyDictionary<string, string>? environment)
    {
        using Cli program = new(name, arguments, environment);
        if (input is not null)
        {
            await program._process.StandardInput.WriteAsync(input);
        }

        program._process.StandardInput.Close();
        return await program.EndAsync();
    }

    /// <summary>Starts the flights sample as a server at a port of the system's choice, and waits until it says where it serves.</summary>
    public static async Task<(Cli Server, Uri Address)> ServeFlightsAsync(string data, IReadOnlyDictionary<string, string>? environment = null)
    {
        Cli server = new("Flights", ["run", "--urls", "http://127.0.0.1:0", "--data", data], environment);
        string address = await server._address.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        return (server, new Uri(address));
    }

    /// <summary>Asks the process to end, as a service manager does.</summary>
    public async Task<Ended> TerminateAsync()
    {
        using Process kill = Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        return await EndAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private async Task<Ended> EndAsync()
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        await _process.WaitForExitAsync(patience.Token);
        lock (_output)
        {
            return new Ended(_process.ExitCode, _output.ToString(), _error.ToString());
        }
    }

    private void Take(StringBuilder text, string? line)
    {
        if (line is null)
        {
            _address.TrySetException(new InvalidOperationException($"The program ended before it served: {_error}"));
            return;
        }

        lock (_output)
        {
            text.AppendLine(line);
        }

        const string Serves = " serves at ";
        int place = line.IndexOf(Serves, StringComparison.Ordinal);
        if (place > 0)
        {
            _address.TrySetResult(line[(place + Serves.Length)..line.IndexOf(',', StringComparison.Ordinal)]);
        }
    }
}

/// <summary>What came of a process.</summary>
internal sealed record Ended(int ExitCode, string Output, string Error)
{
    /// <summary>Holds the process to an error that a user can put right: the code, parts of one message, and no stack trace.</summary>
    public void MustFail(int exitCode, params string[] parts)
    {
        Assert.True(exitCode == ExitCode, $"Exit code {ExitCode}.{Environment.NewLine}{Output}{Environment.NewLine}{Error}");
        Assert.StartsWith("error: ", Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
        Assert.All(parts, part => Assert.Contains(part, Error, StringComparison.Ordinal));
    }

    /// <summary>Holds the process to success.</summary>
    public Ended MustSucceed()
    {
        Assert.True(ExitCode == 0, $"Exit code {ExitCode}.{Environment.NewLine}{Output}{Environment.NewLine}{Error}");
        return this;
    }
}
