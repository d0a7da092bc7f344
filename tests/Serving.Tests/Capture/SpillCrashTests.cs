using System.Diagnostics;
using System.Globalization;
using Lambda.Serving.Tests.Capture.Support;

namespace Lambda.Serving.Tests.Capture;

/// <summary>A real process that captures is killed with SIGKILL again and again, while its sink works and fails by turns.</summary>
public sealed class SpillCrashTests
{
    private const int Kills = 12;

    [Theory]
    [InlineData(7)]
    public async Task Events_that_were_on_disk_survive_kill_minus_9_in_order_and_without_a_gap(int seed)
    {
        using Folder folder = new();
        string spill = Path.Combine(folder.Path, "spill");
        string taken = Path.Combine(folder.Path, "taken");
        Random random = new(seed);
        List<int> safe = [];
        for (int run = 0; run < Kills; run++)
        {
            safe.Add(await CaptureAndKillAsync(spill, taken, (seed * 100) + run, run, tellings: random.Next(1, 60)));
        }

        // The last process has a sink that works, and ends when all is sent.
        await RunAsync(spill, taken, seed);

        // Repetitions are allowed, so an event's place is that of its first arrival.
        Dictionary<int, List<int>> arrived = File.ReadLines(taken)
            .Select(line => CaptureRig.IdOf(line).Split(':'))
            .GroupBy(id => int.Parse(id[0], CultureInfo.InvariantCulture), id => int.Parse(id[1], CultureInfo.InvariantCulture))
            .ToDictionary(run => run.Key, run => run.Distinct().ToList());
        for (int run = 0; run < Kills; run++)
        {
            List<int> numbers = arrived[run];
            Assert.True(
                numbers.SequenceEqual(Enumerable.Range(0, numbers.Count)) && numbers.Count > safe[run],
                $"Seed {seed}, run {run}: events up to {safe[run]} were safe; arrived are {numbers.Count}, the first out of order or missing is "
                + $"{numbers.Where((number, place) => number != place).FirstOrDefault(-1)}.");
        }

        Assert.Equal(Enumerable.Range(0, 10), arrived[Kills]);
        Assert.Empty(Directory.EnumerateFiles(spill, "*.spill"));
        Assert.Contains(safe, number => number > 100);
    }

    /// <summary>Starts the program and kills it after it has told so many times how far events are safe.</summary>
    /// <returns>The last number it told.</returns>
    private static async Task<int> CaptureAndKillAsync(string spill, string taken, int seed, int run, int tellings)
    {
        using Process process = Start(spill, taken, seed, run, requests: 0);
        int safe = -1;
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            safe = int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
            if (--tellings == 0)
            {
                // What it tells until the signal arrives is read and counts as well.
                process.Kill();
            }
        }

        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(tellings <= 0, $"The program ended by itself (seed {seed}).");
        return safe;
    }

    private static async Task RunAsync(string spill, string taken, int seed)
    {
        using Process process = Start(spill, taken, seed, Kills, requests: 10);
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(CaptureRig.Patience, TestContext.Current.CancellationToken);
        await output;
        Assert.Equal(0, process.ExitCode);
    }

    private static Process Start(string spill, string taken, int seed, int run, int requests) => Process.Start(new ProcessStartInfo(
        "dotnet", [Path.Combine(AppContext.BaseDirectory, "Lambda.CaptureCrasher.dll"), spill, taken, $"{seed}", $"{run}", $"{requests}"])
    {
        RedirectStandardOutput = true,
    })!;
}
