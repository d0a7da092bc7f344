using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Xunit;

namespace Lambda.Host.Tests.Support;

/// <summary>
/// A process of the flights sample that does commands one after the other. A process starts for ten times as long as most commands take; that one starts and ends
/// for a command alone is seen by those that are given input or environment variables.
/// </summary>
internal sealed class CommandProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly ConcurrentBag<CommandProcess> Idle = [];

    private readonly Process _process;

    private CommandProcess()
    {
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Flights"))
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                Environment = { ["DOTNET_STARTUP_HOOKS"] = typeof(CommandProcess).Assembly.Location },
            },
        };
        _process.Start();
    }

    /// <summary>Runs a command in a process that has nothing to do, or in a new one.</summary>
    public static async Task<Ended> RunAsync(string[] arguments)
    {
        string folder = Directory.CreateTempSubdirectory("lambda-command-").FullName;
        string output = Path.Combine(folder, "output");
        string error = Path.Combine(folder, "error");
        CommandProcess process = Idle.TryTake(out CommandProcess? idle) ? idle : new CommandProcess();
        int? exitCode = null;
        try
        {
            exitCode = await process.DoAsync([output, error, .. arguments]);
            return new Ended(exitCode ?? process._process.ExitCode, await File.ReadAllTextAsync(output), await File.ReadAllTextAsync(error));
        }
        finally
        {
            if (exitCode is null)
            {
                process.Dispose();
            }
            else
            {
                // It ends when this process does, as its input does then.
                Idle.Add(process);
            }

            Directory.Delete(folder, recursive: true);
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    /// <returns>The exit code; null when the process has ended.</returns>
    private async Task<int?> DoAsync(string[] order)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(order));
        await _process.StandardInput.FlushAsync(cancellation);
        string? result = await _process.StandardOutput.ReadLineAsync(cancellation).AsTask().WaitAsync(Patience, cancellation);
        if (result is null)
        {
            await _process.WaitForExitAsync(cancellation).WaitAsync(Patience, cancellation);
            return null;
        }

        return int.Parse(result, CultureInfo.InvariantCulture);
    }
}
