using Lambda.Batch.History.Appending;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.SideTables;
using Lambda.Batch.History.Storage;
using Lambda.Log;
using Microsoft.Extensions.Time.Testing;

namespace Lambda.Batch.Tests.History;

public sealed class VoidTableTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Voids_are_kept_once_and_any_reader_sees_them()
    {
        using TemporaryFolder folder = new();
        LocalObjectStorage storage = new(folder.Path);
        LogVoid[] voids = [new(1, new OffsetRange(3, 4)), new(1, new OffsetRange(1_000_000_000_000, 1_000_000_000_009))];
        FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        for (int repeat = 0; repeat < 2; repeat++)
        {
            VoidTable table = await VoidTable.OpenAsync(storage, "s", time, Cancellation);
            AppendResult result = await table.AppendAsync(voids, HistoryFixture.Range(1, 0, 1_000_000_000_010), Cancellation);

            Assert.Equal(repeat == 0 ? 2 : 0, result.Rows);
            Assert.Equal(1_000_000_000_010, table.EndOf(1));
            DeltaSnapshot snapshot = await table.RefreshAsync(Cancellation);
            string files = Duck.List(snapshot.Files.Select(file => storage.Describe($"s/voids/{DeltaPaths.Decode(file.Path)}")));
            List<object?[]> rows = Duck.Query(
                $"SELECT _partition, _offset, end_offset, epoch_us(found_at), _date::VARCHAR FROM read_parquet({files}) ORDER BY _offset");
            long now = time.GetUtcNow().ToUnixTimeMilliseconds() * 1000;
            Assert.Equal([1, 3L, 4L, now, "2026-01-02"], rows[0]);
            Assert.Equal([1, 1_000_000_000_000L, 1_000_000_000_009L, now, "2026-01-02"], rows[1]);
            Assert.Equal(2, rows.Count);
        }
    }

    [Fact]
    public async Task A_void_outside_of_the_run_is_refused()
    {
        using TemporaryFolder folder = new();
        VoidTable table = await VoidTable.OpenAsync(new LocalObjectStorage(folder.Path), "s", TimeProvider.System, Cancellation);

        await Assert.ThrowsAsync<ArgumentException>(
            () => table.AppendAsync([new LogVoid(0, new OffsetRange(5, 8))], HistoryFixture.Range(0, 0, 7), Cancellation));
    }

    [Fact]
    public async Task The_voids_of_many_transactions_take_a_few_bytes_each()
    {
        const int Transactions = 200_000;
        using TemporaryFolder folder = new();
        VoidTable table = await VoidTable.OpenAsync(new LocalObjectStorage(folder.Path), "s", TimeProvider.System, Cancellation);
        Random random = new(5);
        List<LogVoid> voids = [];
        long next = 1_000_000_000_000;
        for (int i = 0; i < Transactions; i++)
        {
            next += random.Next(1, 500);
            voids.Add(new LogVoid(0, new OffsetRange(next, ++next)));
        }

        AppendResult result = await table.AppendAsync(voids, HistoryFixture.Range(0, 1_000_000_000_000, next), Cancellation);

        Assert.Equal((Transactions, 1), (result.Rows, result.Files));
        Assert.True(result.Bytes < Transactions * 8, $"{(double)result.Bytes / Transactions:F1} bytes for each.");
    }
}
