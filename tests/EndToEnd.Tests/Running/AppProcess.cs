using System.Diagnostics;
using System.Text;

namespace Lambda.EndToEnd.Tests.Running;

/// <summary>An application in a process of its own.</summary>
internal sealed class AppProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private AppProcess(Process process)
    {
        _process = process;
        Id = process.Id;
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
    }

    /// <summary>The process's number.</summary>
    public int Id { get; }

    /// <summary>Whether it has ended, whoever ended it.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>What it has printed so far, errors included.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Starts a program.</summary>
    /// <param name="assembly">Its assembly.</param>
    /// <param name="settings">Environment variables.</param>
    /// <param name="arguments">The command line.</param>
    /// <param name="currentFolder">The folder it runs in; that of the tests when there is none.</param>
    public static AppProcess Start(
        string assembly, IReadOnlyDictionary<string, string> settings, IReadOnlyList<string> arguments, string? currentFolder = null)
    {
        Process process = new()
        {
            StartInfo = new ProcessStartInfo("dotnet", [assembly, .. arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,

                // Nobody is there to answer what it asks.
                RedirectStandardInput = true,
                WorkingDirectory = currentFolder,
            },
        };
        foreach ((string name, string value) in settings)
        {
            process.StartInfo.Environment[name] = value;
        }

        process.Start();
        AppProcess started = new(process);
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return started;
    }

    /// <summary>Where it serves, once it says so.</summary>
    public async Task<Uri> AddressAsync()
    {
        Task ended = _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        if (await Task.WhenAny(_address.Task, ended).WaitAsync(Patience, TestContext.Current.CancellationToken) == ended)
        {
            Assert.Fail($"The process ended with exit code {_process.ExitCode} before it served:\n{Output}");
        }

        return await _address.Task;
    }

    /// <summary>Kills it as the system does when memory runs out: nothing in it gets to know.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await EndAsync();
    }

    /// <summary>Asks it to end, as a service manager does.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync()
    {
        await SignalAsync("-TERM");
        return await EndAsync();
    }

    /// <summary>Halts it without its knowing, as a machine does that is paused.</summary>
    public Task HaltAsync() => SignalAsync("-STOP");

    /// <summary>Has it go on.</summary>
    public Task ContinueAsync() => SignalAsync("-CONT");

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task SignalAsync(string signal)
    {
        using Process kill = Process.Start("kill", [signal, $"{_process.Id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
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
