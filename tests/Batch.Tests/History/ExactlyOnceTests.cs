using Lambda.Batch.History;
using Lambda.Batch.History.Appending;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Storage;
using Lambda.Log;

namespace Lambda.Batch.Tests.History;

public sealed class ExactlyOnceTests
{
    [Fact]
    public async Task After_a_crash_at_any_step_the_repeated_run_loses_and_doubles_nothing()
    {
        List<Placed> first = Readings.Random(new Random(1), 0, new OffsetRange(0, 50), wild: false);
        List<Placed> second = Readings.Random(new Random(2), 0, new OffsetRange(50, 120), wild: false);
        int crashes = 0;
        for (int step = 0; ; step++)
        {
            using HistoryFixture history = new();
            FaultyStorage faulty = new(history.Storage, step);
            try
            {
                await AppendBothAsync(history, faulty);
            }
            catch (SimulatedCrashException)
            {
                crashes++;
            }

            // What is seen after the crash is whole runs.
            if (await history.OpenAsync() is var seen && seen.Current.EndOffset(0) is var end)
            {
                HistoryFixture.AssertSame(
                    end switch { null => [], 50 => first, _ => [.. first, .. second] }, await HistoryFixture.ReadAllAsync(seen));
            }

            await AppendBothAsync(history, history.Storage);
            HistoryFixture.AssertSame([.. first, .. second], await HistoryFixture.ReadAllAsync(await history.OpenAsync()));
            if (!faulty.HasCrashed)
            {
                break;
            }
        }

        // Creating the table, and per run three files and a commit; each before and after.
        Assert.Equal(18, crashes);

        async Task AppendBothAsync(HistoryFixture history, IObjectStorage storage)
        {
            HistoryTable table = await history.OpenAsync(storage);
            await table.AppendAsync([Readings.ToBatch(first)], HistoryFixture.Range(0, 0, 50), TestContext.Current.CancellationToken);
            await table.AppendAsync([Readings.ToBatch(second)], HistoryFixture.Range(0, 50, 120), TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Appenders_that_race_take_every_offset_once()
    {
        using HistoryFixture history = new();
        List<Placed> all = [.. Enumerable.Range(0, 2).SelectMany(partition => Readings.Random(new Random(partition), partition, new OffsetRange(0, 400), wild: false))];
        await Task.WhenAll(Enumerable.Range(0, 4).Select(appender => Task.Run(async () =>
        {
            HistoryTable table = await history.OpenAsync();
            for (long start = 0; start < 400; start += 40)
            {
                // Two appenders take both partitions at once, two take one of them.
                int[] partitions = appender < 2 ? [0, 1] : [appender - 2];
                List<Placed> run = [.. all.Where(row => partitions.Contains(row.Partition) && row.Offset >= start && row.Offset < start + 40)];
                Dictionary<int, OffsetRange> ranges = partitions.ToDictionary(partition => partition, _ => new OffsetRange(start, start + 40));
                await table.AppendAsync([Readings.ToBatch(run)], ranges, TestContext.Current.CancellationToken);
            }
        })));

        HistoryTable result = await history.OpenAsync();
        HistoryFixture.AssertSame(all, await HistoryFixture.ReadAllAsync(result));
        Assert.Equal([400, 400], result.Current.EndOffsets(2).Offsets);
        Assert.Equal(result.Current.Files.Count, Maintenance.TableRows.FilesOnDisk(history).Length);
    }

    [Fact]
    public async Task An_appender_goes_on_where_another_one_has_come_to()
    {
        using HistoryFixture history = new();
        HistoryTable stale = await history.OpenAsync();
        HistoryTable other = await history.OpenAsync();
        await other.AppendAsync([], HistoryFixture.Range(0, 0, 50), TestContext.Current.CancellationToken);
        await stale.AppendAsync([], HistoryFixture.Range(0, 50, 60), TestContext.Current.CancellationToken);
        Assert.Equal(60, stale.Current.EndOffset(0));
    }

    [Fact]
    public async Task A_run_appended_before_changes_nothing()
    {
        using HistoryFixture history = new();
        HistoryTable table = await history.OpenAsync();
        HistoryBatch batch = Readings.ToBatch(Readings.Random(new Random(1), 0, new OffsetRange(0, 50), wild: false));
        AppendResult first = await table.AppendAsync([batch], HistoryFixture.Range(0, 0, 50), TestContext.Current.CancellationToken);
        AppendResult again = await table.AppendAsync([batch], HistoryFixture.Range(0, 0, 50), TestContext.Current.CancellationToken);
        Assert.Equal(new AppendResult(first.Version, 0, 0, 0), again);
        Assert.Equal(first.Version, (await history.OpenAsync()).Current.Version);
    }

    [Theory]
    [InlineData(40, 60, "double")]
    [InlineData(51, 60, "leave out")]
    public async Task A_run_that_does_not_begin_at_the_end_is_refused(long start, long end, string consequence)
    {
        using HistoryFixture history = new();
        HistoryTable table = await history.OpenAsync();
        await table.AppendAsync([], HistoryFixture.Range(0, 0, 50), TestContext.Current.CancellationToken);
        HistoryException error = await Assert.ThrowsAsync<HistoryException>(
            () => table.AppendAsync([], HistoryFixture.Range(0, start, end), TestContext.Current.CancellationToken));
        Assert.Contains(consequence, error.Message, StringComparison.Ordinal);
        Assert.Contains("offset 50", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, (await history.OpenAsync()).Current.Version);
    }

    [Fact]
    public async Task A_row_outside_of_the_run_is_refused()
    {
        using HistoryFixture history = new();
        HistoryTable table = await history.OpenAsync();
        HistoryBatch batch = Readings.ToBatch(Readings.Random(new Random(1), 0, new OffsetRange(0, 50), wild: false));
        await Assert.ThrowsAsync<ArgumentException>(
            () => table.AppendAsync([batch], HistoryFixture.Range(0, 0, 20), TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<ArgumentException>(
            () => table.AppendAsync([batch], HistoryFixture.Range(1, 0, 50), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Files_of_a_commit_whose_answer_was_lost_are_kept()
    {
        using HistoryFixture history = new();
        HistoryTable table = await history.OpenAsync(new ForgetfulStorage(history.Storage));
        List<Placed> events = Readings.Random(new Random(1), 0, new OffsetRange(0, 50), wild: false);
        await table.AppendAsync([Readings.ToBatch(events)], HistoryFixture.Range(0, 0, 50), TestContext.Current.CancellationToken);
        HistoryFixture.AssertSame(events, await HistoryFixture.ReadAllAsync(await history.OpenAsync()));
    }

    [Fact]
    public async Task An_older_version_is_read_as_it_was()
    {
        using HistoryFixture history = new();
        HistoryTable table = await history.OpenAsync();
        await table.AppendAsync(
            [Readings.ToBatch(Readings.Random(new Random(1), 0, new OffsetRange(0, 50), wild: false))],
            HistoryFixture.Range(0, 0, 50),
            TestContext.Current.CancellationToken);
        await table.AppendAsync([], HistoryFixture.Range(0, 50, 60), TestContext.Current.CancellationToken);
        HistorySnapshot old = await table.ReadVersionAsync(0, TestContext.Current.CancellationToken);
        Assert.Empty(old.Files);
        Assert.Null(old.EndOffset(0));
        Assert.Equal(50, (await table.ReadVersionAsync(1, TestContext.Current.CancellationToken)).EndOffset(0));
        HistoryException error = await Assert.ThrowsAsync<HistoryException>(() => table.ReadVersionAsync(3, TestContext.Current.CancellationToken));
        Assert.Contains("newest is 2", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Says of every commit after the first that someone else was faster, as an object storage does when a request is sent twice.</summary>
    private sealed class ForgetfulStorage(IObjectStorage inner) : PassingStorage(inner)
    {
        public override async Task<bool> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
            await base.PutIfAbsentAsync(name, content, cancellationToken) && name.EndsWith(DeltaPaths.Commit(0), StringComparison.Ordinal);
    }
}
