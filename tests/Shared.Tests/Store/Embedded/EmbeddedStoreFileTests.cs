using System.Diagnostics;
using Dapper;
using DuckDB.NET.Data;
using Lambda.Store;
using Lambda.Store.Embedded;
using Lambda.Store.Embedded.Database;
using Lambda.StoreCrasher;
using Lambda.Tests.Log;
using Lambda.Views;
using Lambda.Views.Partials;
using Xunit;

namespace Lambda.Tests.Store.Embedded;

/// <summary>What the embedded store says about a file or folder that it cannot use, and where it writes.</summary>
public sealed class EmbeddedStoreFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("store-file-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string DatabasePath => Path.Combine(_folder, "views.duckdb");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_folder_that_this_process_has_open_is_refused()
    {
        await using EmbeddedViewStore first = await OpenAsync();
        Assert.Contains("in use", (await RefusedAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_another_process_has_open_is_refused()
    {
        using var other = new Process
        {
            StartInfo = new ProcessStartInfo("dotnet", [typeof(CrashWorkload).Assembly.Location, "embedded", _folder]) { RedirectStandardOutput = true },
        };
        other.Start();
        Assert.NotNull(await other.StandardOutput.ReadLineAsync(Token));
        ViewStoreException refused = await RefusedAsync();
        other.Kill();
        await other.StandardOutput.ReadToEndAsync(Token);
        await other.WaitForExitAsync(Token);
        Assert.Contains("Stop the other process", refused.Message, StringComparison.Ordinal);
        Assert.Contains(_folder, refused.Message, StringComparison.Ordinal);
    }

    // DuckDB takes an ASOF join of 64 rows or fewer, by its own guess, for one that compares each with each: of 2,000 intervals with 100,000 for nine seconds.
    [Fact]
    public void Rows_are_found_by_their_order_however_few_DuckDB_takes_them_for()
    {
        using StoreFile file = StoreFile.Take(new EmbeddedStoreOptions { Folder = _folder });
        using DuckDBConnection connection = file.Connect();
        connection.Execute("CREATE TABLE held AS SELECT range AS at FROM range(10); CREATE TABLE reach AS SELECT range * 3 AS earliest FROM range(4)");

        string plan = connection.QuerySingle<(string Kind, string Text)>("EXPLAIN SELECT * FROM held ASOF JOIN reach ON held.at >= reach.earliest").Text;

        Assert.Contains("ASOF_JOIN", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("NESTED_LOOP", plan, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_lease_of_a_process_that_died_holds_nobody_up()
    {
        BatchLease? dead;
        await using (EmbeddedViewStore first = await OpenAsync())
        {
            dead = await first.TryAcquireLeaseAsync("s", "dead", TimeSpan.FromHours(1), Token);
        }

        await using EmbeddedViewStore second = await OpenAsync();
        await Assert.ThrowsAsync<FencedException>(async () => await second.RenewLeaseAsync(dead!, TimeSpan.FromHours(1), Token));
        BatchLease? next = await second.TryAcquireLeaseAsync("s", "next", TimeSpan.FromHours(1), Token);
        Assert.True(next!.Fence > dead!.Fence);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_refused()
    {
        string file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "", Token);
        ViewStoreException refused = await Assert.ThrowsAsync<ViewStoreException>(
            () => EmbeddedViewStore.OpenAsync(new EmbeddedStoreOptions { Folder = Path.Combine(file, "data") }, TimeProvider.System, Token));
        Assert.Contains(file, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_file_is_refused_by_name()
    {
        await (await OpenAsync()).DisposeAsync();
        byte[] bytes = await File.ReadAllBytesAsync(DatabasePath, Token);
        await File.WriteAllBytesAsync(DatabasePath, bytes[..(bytes.Length / 2)], Token);
        Assert.Contains(DatabasePath, (await RefusedAsync()).Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(DatabasePath, new string('x', 20_000), Token);
        Assert.Contains("damaged", (await RefusedAsync()).Message, StringComparison.Ordinal);
        await File.WriteAllBytesAsync(DatabasePath, bytes, Token);
        await (await OpenAsync()).DisposeAsync();
    }

    // It was called damaged, to be restored or moved away, with the results in it.
    [Fact]
    public async Task A_disk_that_is_full_is_no_damage()
    {
        using SmallDisk? disk = SmallDisk.TryMount(_folder, megabytes: 1);
        Assert.SkipWhen(disk is null, "This process may not mount a file system.");
        await File.WriteAllBytesAsync(Path.Combine(_folder, "views.lock"), [], Token);
        await Assert.ThrowsAsync<IOException>(() => File.WriteAllBytesAsync(Path.Combine(_folder, "filling"), new byte[2 << 20], Token));

        ViewStoreException refused = await RefusedAsync();

        Assert.Contains("make room", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("damaged", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_a_newer_version_is_refused()
    {
        await (await OpenAsync()).DisposeAsync();
        using (var connection = new DuckDBConnection($"Data Source={DatabasePath}"))
        {
            connection.Open();
            connection.Execute("INSERT INTO schema_version VALUES (99)");
        }

        Assert.Contains("version 99", (await RefusedAsync()).Message, StringComparison.Ordinal);
    }

    /// <summary>The instant from which on layers compare was one of the stream, and is one of each view. Generations shared no rows.</summary>
    [Fact]
    public async Task A_file_of_an_earlier_layout_keeps_from_when_layers_compare_and_what_it_serves()
    {
        PartialLayout view = Sample.View();
        PartialLayout other = Sample.View("other");
        await using (EmbeddedViewStore store = await OpenAsync())
        {
            await store.RegisterAsync(Sample.Registration(1, view, other), Token);
            BatchLease lease = (await store.TryAcquireLeaseAsync(Sample.Stream, "a", TimeSpan.FromMinutes(1), Token))!;
            long generation = await store.BeginGenerationAsync(lease, new GenerationPlan(1, new Boundary([0]), [view, other]), Token);
            await store.WriteGenerationAsync(lease, generation, PartialKind.Kept, Sample.Batch(view, ("a", 1, 2)), Token);
            await store.PublishAsync(lease, generation, Sample.Published(generation, DateTimeOffset.UnixEpoch), Token);
        }

        using (var connection = new DuckDBConnection($"Data Source={DatabasePath}"))
        {
            connection.Open();
            connection.Execute("ALTER TABLE view_versions DROP COLUMN comparable_from");
            connection.Execute("ALTER TABLE streams ADD COLUMN comparable_from BIGINT");
            connection.Execute("UPDATE streams SET comparable_from = 77");
            connection.Execute("ALTER TABLE partitions DROP COLUMN start_offset");
            connection.Execute("ALTER TABLE partitions DROP COLUMN edition; ALTER TABLE partitions DROP COLUMN held_until; DROP TABLE editions");
            connection.Execute("DROP TABLE log_gaps");
            connection.Execute("ALTER TABLE generations DROP COLUMN root; ALTER TABLE generations DROP COLUMN is_branched");
            connection.Execute("DROP TABLE generation_bases; DROP TABLE removed_events; DROP TABLE metrics");
            connection.Execute("ALTER TABLE quarantine DROP COLUMN value_bytes; DROP TABLE quarantine_pieces");
            connection.Execute("ALTER TABLE batch_1 DROP COLUMN replaced_by; ALTER TABLE batch_2 DROP COLUMN replaced_by");
            connection.Execute($"INSERT INTO quarantine VALUES ('{Sample.Stream}', 0, 3, 'speed', 5, 'Malformed', 'why', 'k', repeat('x', 20000)::BLOB)");
            connection.Execute("DELETE FROM schema_version WHERE version >= 3");
        }

        await using EmbeddedViewStore reopened = await OpenAsync();
        Assert.Equal(77, (await reopened.ReadViewAsync(Sample.Read(view, ReadScope.Speed), Token)).ComparableFrom);
        Assert.Equal(77, (await reopened.ReadViewAsync(Sample.Read(other, ReadScope.Speed), Token)).ComparableFrom);
        ViewSnapshot served = await reopened.ReadViewAsync(Sample.Read(view, ReadScope.Merged), Token);
        Assert.Equal(["a|1|0|2|20"], Sample.Rows(served.Batch[PartialKind.Kept]));
        Assert.Equal(served.Generation!.Generation, served.Generation.Root);
        QuarantinedRecord refused = (await reopened.FindQuarantinedAsync(Sample.Stream, 0, 3, Token))!;
        Assert.Equal((20_000, 0), (refused.Value.Length, refused.Unread));
    }

    [Fact]
    public async Task Nothing_but_the_store_s_own_files_is_left_in_the_folder()
    {
        await using (EmbeddedViewStore store = await OpenAsync())
        {
            PartialLayout view = Sample.View();
            await store.RegisterAsync(Sample.Registration(1, view), Token);
            PartitionClaim claim = await store.ClaimAsync(Sample.Stream, 0, Token);
            await store.CommitAsync(Sample.Commit(claim, 10, Sample.Batch(view, ("a", 1, 1))), Token);
        }

        Assert.Equal(["views.duckdb", "views.lock"], Directory.GetFileSystemEntries(_folder).Select(Path.GetFileName).Order());
    }

    /// <summary>Rows of a generation are appended side by side and take effect in turn, checkpoints between them.</summary>
    [Fact]
    public async Task What_a_run_appends_side_by_side_counts_whole_or_not_at_all_when_it_loses_its_lease()
    {
        // Many, so that the lease is lost and another generation begun while some are appended.
        const int Rows = 50_000;
        PartialLayout view = Sample.View();
        PartialBatch partials = Sample.Batch(view, [.. Enumerable.Range(0, Rows).Select(i => ((string?)$"key {i % 50}", i, 1L))]);
        long lost;
        long next;
        int written = 0;
        TaskCompletionSource some = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (EmbeddedViewStore store = await EmbeddedViewStore.OpenAsync(
            new EmbeddedStoreOptions { Folder = _folder, CheckpointMegabytes = 1 }, TimeProvider.System, Token))
        {
            await store.RegisterAsync(Sample.Registration(1, view), Token);
            (BatchLease lease, lost) = await BeginAsync();
            Task[] writers = [.. Enumerable.Range(0, 6).Select(_ => Task.Run(() => WriteAsync(lease)))];
            await await Task.WhenAny([some.Task, .. writers]);

            (BatchLease taken, next) = await BeginAsync();
            foreach (Task writer in writers)
            {
                await Assert.ThrowsAsync<FencedException>(() => writer);
            }

            await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => store.WriteGenerationAsync(taken, next, PartialKind.Kept, partials, Token).AsTask()));

            async Task<(BatchLease Lease, long Generation)> BeginAsync()
            {
                BatchLease lease = (await store.TryAcquireLeaseAsync(Sample.Stream, "a", TimeSpan.FromMinutes(1), Token))!;
                return (lease, await store.BeginGenerationAsync(lease, new GenerationPlan(1, new Boundary([0]), [view]), Token));
            }

            async Task WriteAsync(BatchLease lease)
            {
                while (true)
                {
                    await store.WriteGenerationAsync(lease, lost, PartialKind.Kept, partials, Token);
                    if (Interlocked.Increment(ref written) == 8)
                    {
                        some.SetResult();
                    }
                }
            }
        }

        using var connection = new DuckDBConnection($"Data Source={DatabasePath}");
        connection.Open();
        Assert.Equal(
            [(next, 6L * Rows)], connection.Query<(long, long)>("SELECT generation, count(*) FROM batch_1 GROUP BY ALL ORDER BY ALL"));
    }

    [Fact]
    public void Options_that_make_no_sense_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new EmbeddedStoreOptions { Folder = " " });
        Assert.Throws<ArgumentOutOfRangeException>(() => new EmbeddedStoreOptions { Folder = "x", Threads = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new EmbeddedStoreOptions { Folder = "x", MemoryLimitMegabytes = 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new EmbeddedStoreOptions { Folder = "x", MaxReaders = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new EmbeddedStoreOptions { Folder = "x", CheckpointMegabytes = 0 });
    }

    private Task<EmbeddedViewStore> OpenAsync() =>
        EmbeddedViewStore.OpenAsync(new EmbeddedStoreOptions { Folder = _folder }, TimeProvider.System, Token);

    private Task<ViewStoreException> RefusedAsync() => Assert.ThrowsAsync<ViewStoreException>(OpenAsync);
}
