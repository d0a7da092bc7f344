using Lambda.Log;

namespace Lambda.EndToEnd.Tests.Properties;

/// <summary>
/// A log whose offsets are not dense, over one whose offsets are. It ends behind the offsets that follow on its last record, as after a transaction's marker.
/// Reads end before, within or behind offsets without a record, and hold none at times though they reach further.
/// </summary>
internal sealed class SparseLog(IEventLog dense, SparseOffsets offsets) : IEventLog
{
    public async ValueTask ReadAsync(string stream, int partition, long offset, RecordBatch destination, CancellationToken cancellationToken)
    {
        long start = (await GetOffsetsAsync(stream, partition, cancellationToken)).Start;
        if (offset < start)
        {
            throw new OffsetTrimmedException(stream, partition, offset, start);
        }

        using RecordBatch read = new(destination.MaxRecords, destination.MaxBytes);
        long first = offsets.FirstFrom(partition, offset);
        await dense.ReadAsync(stream, partition, first, read, cancellationToken);
        destination.BeginRead(offset);
        long next = offsets.Of(partition, first);
        if (read.Count == 0 || (next > offset && next % 3 == 0))
        {
            destination.SkipTo(next % 2 == 0 ? next : next - ((next - offset) / 2));
            return;
        }

        for (int i = 0; i < read.Count; i++)
        {
            destination.Add(offsets.Of(partition, read.Offset(i)), read.AppendedAt(i), read.Key(i), read.Value(i));
        }

        next = offsets.Of(partition, read.NextOffset);
        if (next % 3 > 0)
        {
            destination.SkipTo(next % 3 == 1 ? next : next - ((next - destination.NextOffset) / 2));
        }
    }

    public ValueTask WaitAsync(string stream, int partition, long offset, CancellationToken cancellationToken) =>
        dense.WaitAsync(stream, partition, offsets.FirstFrom(partition, offset), cancellationToken);

    public async ValueTask<OffsetRange> GetOffsetsAsync(string stream, int partition, CancellationToken cancellationToken)
    {
        OffsetRange range = await dense.GetOffsetsAsync(stream, partition, cancellationToken);
        return new OffsetRange(
            range.Start == 0 ? offsets.Starts[partition] : offsets.Of(partition, range.Start), offsets.Of(partition, range.End));
    }

    public async ValueTask<long> FindOffsetAsync(string stream, int partition, DateTimeOffset time, CancellationToken cancellationToken) =>
        offsets.Of(partition, await dense.FindOffsetAsync(stream, partition, time, cancellationToken));

    public ValueTask TrimAsync(string stream, int partition, long before, CancellationToken cancellationToken) =>
        dense.TrimAsync(stream, partition, offsets.FirstFrom(partition, before), cancellationToken);

    public ValueTask<int> EnsureStreamAsync(string stream, int partitions, CancellationToken cancellationToken) =>
        dense.EnsureStreamAsync(stream, partitions, cancellationToken);

    public ValueTask<int> CountPartitionsAsync(string stream, CancellationToken cancellationToken) => dense.CountPartitionsAsync(stream, cancellationToken);

    public ValueTask AppendAsync(string stream, RecordBatch records, CancellationToken cancellationToken) =>
        dense.AppendAsync(stream, records, cancellationToken);

    public ValueTask DisposeAsync() => dense.DisposeAsync();
}
