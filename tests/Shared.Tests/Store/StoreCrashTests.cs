using System.Diagnostics;
using System.Globalization;
using Dapper;
using Lambda.Store;
using Lambda.Store.Embedded;
using Lambda.Store.Postgres;
using Lambda.StoreCrasher;
using Lambda.Tests.Store.Postgres;
using Lambda.TestSupport.Postgres;
using Lambda.Views.Partials;
using Npgsql;
using Xunit;

namespace Lambda.Tests.Store;

/// <summary>A process that writes to the store is killed at random moments, over and over on the same data.</summary>
public sealed class StoreCrashTests(PostgresFixture fixture, ITestOutputHelper output) : IDisposable
{
    private const int Kills = 12;
    private const string Crasher = "crasher";

    private readonly string _folder = Directory.CreateTempSubdirectory("store-crash-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public Task After_a_kill_the_embedded_store_holds_the_last_acknowledged_commit_or_the_whole_of_the_next() => KillOverAndOverAsync(
        ["embedded", _folder],
        async () => await EmbeddedViewStore.OpenAsync(new EmbeddedStoreOptions { Folder = _folder }, TimeProvider.System, Token));

    [Fact]
    public async Task After_a_kill_the_store_in_PostgreSQL_holds_the_last_acknowledged_commit_or_the_whole_of_the_next()
    {
        PostgresCluster cluster = await fixture.GetAsync();
        string database = cluster.ConnectionString(await cluster.CreateDatabaseAsync());
        await KillOverAndOverAsync(
            ["postgres", new NpgsqlConnectionStringBuilder(database) { ApplicationName = Crasher }.ConnectionString],
            async () =>
            {
                await EndedAsync(database);
                return await PostgresViewStore.OpenAsync(new PostgresStoreOptions { ConnectionString = database }, TimeProvider.System, Token);
            });
    }

    /// <summary>The server may still be at work on what the process last sent.</summary>
    private static async Task EndedAsync(string database)
    {
        await using NpgsqlConnection connection = new(database);
        while (await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE application_name = @Crasher", new { Crasher }) > 0)
        {
            await Task.Delay(5, Token);
        }
    }

    private async Task KillOverAndOverAsync(IReadOnlyList<string> process, Func<Task<IViewStore>> openAsync)
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (int kill = 0; kill < Kills; kill++)
        {
            Acknowledged seen = await RunAndKillAsync(process, random);
            output.WriteLine($"kill {kill}: {seen}");
            await using IViewStore store = await openAsync();
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

    private static async Task CheckSpeedAsync(IViewStore store)
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

    private static async Task CheckGenerationAsync(IViewStore store, Acknowledged seen, int commits)
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
    private static async Task<Acknowledged> RunAndKillAsync(IReadOnlyList<string> store, Random random)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo("dotnet", [typeof(CrashWorkload).Assembly.Location, .. store]) { RedirectStandardOutput = true },
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
