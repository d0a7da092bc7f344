using Lambda.Batch.History;
using Lambda.Batch.History.Appending;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Maintenance;
using Lambda.Batch.History.SideTables;
using Lambda.Batch.History.Storage;
using Lambda.Batch.Tests.History.Maintenance;
using Lambda.Events;
using Lambda.Store;

namespace Lambda.Batch.Tests.History;

public sealed class QuarantineTableTests
{
    [Fact]
    public async Task Records_are_kept_once_with_their_bytes()
    {
        using TemporaryFolder folder = new();
        LocalObjectStorage storage = new(folder.Path);
        QuarantinedRecord[] records =
        [
            new("s", 1, 3, -1, RejectReason.Malformed, "not JSON: „ü“", new byte[] { 0, 255 }, new byte[] { 1, 0, 2 }),
            new("s", 1, 5, 86_400_000_000, RejectReason.MissingMember, "member 'at' is missing", Array.Empty<byte>(), "{}"u8.ToArray()),
        ];
        for (int repeat = 0; repeat < 2; repeat++)
        {
            QuarantineTable table = await QuarantineTable.OpenAsync(storage, "s", TimeProvider.System, TestContext.Current.CancellationToken);
            AppendResult result = await table.AppendAsync(records, HistoryFixture.Range(1, 0, 7), TestContext.Current.CancellationToken);
            Assert.Equal(repeat == 0 ? 2 : 0, result.Rows);
            Assert.Equal(7, table.EndOffset(1));
            string files = Duck.List(table.Current.Files.Select(file => storage.Describe($"s/quarantine/{DeltaPaths.Decode(file.Path)}")));
            List<object?[]> rows = Duck.Query(
                $"SELECT _partition, _offset, epoch_us(_appended_at), reason, detail, hex(key), hex(value), _date::VARCHAR FROM read_parquet({files}) ORDER BY _offset");
            Assert.Equal([1, 3L, -1L, "Malformed", "not JSON: „ü“", "00FF", "010002", "1969-12-31"], rows[0]);
            Assert.Equal([1, 5L, 86_400_000_000L, "MissingMember", "member 'at' is missing", "", "7B7D", "1970-01-02"], rows[1]);
        }
    }

    /// <summary>Of 8,192 rows at a time they were more than an array takes: an append failed, and a compaction told of damaged files and never came past them.</summary>
    [Fact]
    public async Task Records_whose_bytes_are_more_than_an_array_takes_are_written_and_put_together()
    {
        const int Count = 8_200;
        using HistoryFixture history = new();
        byte[] value = new byte[1 << 18];
        QuarantineTable table = await QuarantineTable.OpenAsync(history.Storage, "s", history.Time, TestContext.Current.CancellationToken);
        for (int start = 0; start <= Count; start += Count)
        {
            IEnumerable<QuarantinedRecord> records = Enumerable.Range(start, start == 0 ? Count : 1).Select(
                offset => new QuarantinedRecord("s", 0, offset, offset, RejectReason.Malformed, "", Array.Empty<byte>(), value));
            await table.AppendAsync([.. records], HistoryFixture.Range(0, start, Math.Max(Count, start + 1)), TestContext.Current.CancellationToken);
        }

        CompactionResult compacted = await TableRows.CompactAsync(
            history, shape: new TableShape("quarantine", HistoryLayout.QuarantineOf("s"), HistorySchema.AppendedAt.Name));

        Assert.Equal((2, 1), (compacted.Removed, compacted.Added));
        DeltaSnapshot current = await table.RefreshAsync(TestContext.Current.CancellationToken);
        string files = Duck.List(current.Files.Select(file => history.Storage.Describe($"s/quarantine/{DeltaPaths.Decode(file.Path)}")));
        Assert.Equal(
            [Count + 1L, Count + 1L, (long)value.Length],
            Duck.Query($"SELECT count(*), count(DISTINCT _offset), min(octet_length(value)) FROM read_parquet({files})")[0]);
    }
}
