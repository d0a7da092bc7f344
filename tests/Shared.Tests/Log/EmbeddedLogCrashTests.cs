using System.Diagnostics;
using System.Globalization;
using Lambda.Log.Embedded;
using Xunit;

namespace Lambda.Tests.Log;

/// <summary>A real process that appends is killed with SIGKILL again and again; what it said was acknowledged must be there.</summary>
public sealed class EmbeddedLogCrashTests
{
    private const int Writers = 4;
    private const int Partitions = 3;
    private const int Kills = 12;

    [Theory]
    [InlineData(11)]
    public async Task Acknowledged_records_survive_kill_minus_9_once_in_order_and_without_a_gap(int seed)
    {
        using var folder = new TemporaryFolder();
        var random = new Random(seed);
        long[] next = new long[Writers];
        for (int kill = 0; kill < Kills; kill++)
        {
            long[] acknowledged = await AppendAndKillAsync(folder.Path, (seed * 100) + kill, next, acknowledgements: random.Next(1, 400));

            long[] stored = await CountAndCheckAsync(folder.Path);
            for (int writer = 0; writer < Writers; writer++)
            {
                Assert.True(
                    stored[writer] >= Math.Max(acknowledged[writer] + 1, next[writer]),
                    $"Seed {seed}, kill {kill}, writer {writer}: {acknowledged[writer] + 1} records were acknowledged, {stored[writer]} are stored.");
            }

            next = stored;
        }

        Assert.All(next, count => Assert.NotEqual(0, count));
    }

    /// <summary>Starts the program, kills it after so many acknowledgements, and returns the highest acknowledged number of each writer.</summary>
    private static async Task<long[]> AppendAndKillAsync(string folder, int seed, long[] next, int acknowledgements)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "Lambda.LogCrasher.dll");
        var start = new ProcessStartInfo("dotnet", [program, folder, $"{seed}", string.Join(',', next)]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        long[] acknowledged = [.. Enumerable.Repeat(-1L, Writers)];
        int left = acknowledgements;
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            string[] words = line.Split(' ');
            if (words is ["a", var writer, var number])
            {
                acknowledged[int.Parse(writer, CultureInfo.InvariantCulture)] = long.Parse(number, CultureInfo.InvariantCulture);
                if (--left == 0)
                {
                    // What it prints until the signal arrives is read and counts as well.
                    process.Kill();
                }
            }
        }

        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(left <= 0, $"The program ended by itself with {left} acknowledgements to go (seed {seed}).");
        return acknowledged;
    }

    /// <summary>Checks that each writer's records are there once and in order, and returns how many.</summary>
    private static async Task<long[]> CountAndCheckAsync(string folder)
    {
        await using EmbeddedLog log = EmbeddedLog.Open(new EmbeddedLogOptions { Folder = folder }, TimeProvider.System);
        Assert.Equal(Partitions, await log.EnsureStreamAsync("crash", Partitions, TestContext.Current.CancellationToken));
        long[] count = new long[Writers];
        for (int partition = 0; partition < Partitions; partition++)
        {
            List<ReadRecord> records = await log.ReadAllAsync("crash", partition, maxRecords: 5000);
            LogTesting.AssertDense(records);
            foreach (ReadRecord record in records)
            {
                string[] words = record.Value.Split(' ');
                int writer = int.Parse(words[0], CultureInfo.InvariantCulture);
                Assert.Equal(count[writer]++, long.Parse(words[1], CultureInfo.InvariantCulture));
            }
        }

        return count;
    }
}
