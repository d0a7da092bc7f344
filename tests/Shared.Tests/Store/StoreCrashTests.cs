using System.Diagnostics;
using System.Globalization;
using Lambda.Store;
using Lambda.Store.Embedded;
using Lambda.StoreCrasher;
using Lambda.Views;
using Xunit;

namespace Lambda.Tests.Store;

/// <summary>A process that writes to the store is killed at random moments, over and over on the same data.</summary>
public sealed class StoreCrashTests(ITestOutputHelper output) : IDisposable
{
    private const int Kills = 12;

    private readonly string _folder = Directory.CreateTempSubdirectory("store-crash-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task After_a_kill_the_store_holds_the_last_acknowledged_commit_or_the_whole_of_the_next()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (int kill = 0; kill < Kills; kill++)
        {
            Acknowledged seen = await RunAndKillAsync(random);
            output.WriteLine($"kill {kill}: {seen}");
            await using EmbeddedViewStore store = await EmbeddedViewStore.OpenAsync(
                new EmbeddedStoreOptions { Folder = _folder }, TimeProvider.System, Token);
            StreamStatus? status = await store.ReadStreamAsync(CrashWorkload.Stream, Token);
            if (status is null)
            {
                Assert.Equal(default, seen);
                continue;
            }

            int commits = (int)(status.Partitions[0].NextOffset / CrashWorkload.OffsetsPerCommit);
            Assert.InRange(commits, seen.Commit, seen.Started);
            Assert.Equal(commits * CrashWorkload.OffsetsPerCommit, status.Partitions[0].Accepted);
            await CheckSpeedAsync(store);
            await CheckGenerationAsync(store, seen, commits);
        }
    }

    private static async Task CheckSpeedAsync(EmbeddedViewStore store)
    {
        IReadOnlyList<EpochInfo> epochs = await store.ReadEpochsAsync(CrashWorkload.Stream, Token);
        var expected = new List<string>();
        foreach (EpochInfo epoch in epochs)
        {
            var last = new Dictionary<int, int>();
            for (long commit = (epoch.Offsets.Start / CrashWorkload.OffsetsPerCommit) + 1;
                commit <= epoch.Offsets.End / CrashWorkload.OffsetsPerCommit;
                commit++)
            {
                foreach (int key in CrashWorkload.KeysOf((int)commit))
                {
                    last[key] = (int)commit;
                }
            }

            expected.AddRange(last.Select(entry => Row(entry.Key < 0 ? null : entry.Key, entry.Value, $"written by commit {entry.Value}")));
        }

        var all = new ViewRead(CrashWorkload.View, WindowRange.All, new Dictionary<int, object?>(), ReadScope.Speed);
        Assert.Equal(expected.Order(StringComparer.Ordinal), Rows((await store.ReadViewAsync(all, Token)).Speed));
    }

    private static async Task CheckGenerationAsync(EmbeddedViewStore store, Acknowledged seen, int commits)
    {
        var all = new ViewRead(CrashWorkload.View, WindowRange.All, new Dictionary<int, object?>(), ReadScope.Merged);
        ViewSnapshot snapshot = await store.ReadViewAsync(all, Token);
        if (snapshot.Generation is null)
        {
            Assert.Equal(0, seen.Publication);
            return;
        }

        int commit = (int)snapshot.Generation.HistoryVersion;
        Assert.InRange(commit, seen.Publication, commits);
        Assert.Equal(
            Rows(CrashWorkload.GenerationOf(commit, 0)).Concat(Rows(CrashWorkload.GenerationOf(commit, 1))).Order(StringComparer.Ordinal),
            Rows(snapshot.Batch[PartialKind.Kept]));
    }

    /// <summary>Starts the process, and kills it some milliseconds after it has acknowledged some commits.</summary>
    private async Task<Acknowledged> RunAndKillAsync(Random random)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo("dotnet", [typeof(CrashWorkload).Assembly.Location, _folder]) { RedirectStandardOutput = true },
        };
        process.Start();
        Acknowledged seen = default;
        int wanted = random.Next(1, 25);
        int read = 0;
        while (await process.StandardOutput.ReadLineAsync(Token) is { } line)
        {
            seen = seen.After(line);
            if (++read == wanted)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(random.NextDouble() * 20), Token);
                process.Kill();
            }
        }

        await process.WaitForExitAsync(Token);
        Assert.True(read >= wanted, $"The process ended by itself with exit code {process.ExitCode} after {read} lines.");
        return seen;
    }

    private static IReadOnlyList<string> Rows(PartialBatch batch) =>
    [
        .. Enumerable.Range(0, batch.Count)
            .Select(row => Row(batch.Keys[0].GetValue(row), batch.EventCounts[row], batch.States[0].GetValue(row)))
            .Order(StringComparer.Ordinal),
    ];

    private static string Row(object? key, long events, object? text) => $"{key ?? "null"}|{events}|{text}";

    /// <summary>The last commit and the last publication that were acknowledged.</summary>
    private readonly record struct Acknowledged(int Commit, int Publication)
    {
        /// <summary>The last commit that can have been under way.</summary>
        public int Started => Commit + 1;

        public Acknowledged After(string line)
        {
            int number = int.Parse(line.AsSpan(2), CultureInfo.InvariantCulture);
            return line[0] == 'c' ? this with { Commit = number } : this with { Publication = number };
        }
    }
}
