using Lambda.Log;

namespace Lambda.EndToEnd.Tests.Properties;

/// <summary>
/// A log whose offsets are not dense, over one whose offsets are. It ends behind the offsets that follow on its last record, as after a transaction's marker.
/// Reads end before, within or behind offsets without a record, and hold none at times though they reach further.
/// </summary>
internal sealed class SparseLog(IEventLog dense, SparseOffsets offsets) : DelegatingEventLog(dense)
{
    public override async ValueTask ReadAsync(string stream, int partition, long offset, RecordBatch destination, CancellationToken cancellationToken)
    {
        long start = (await GetOffsetsAsync(stream, partition, cancellationToken)).Start;
        if (offset < start)
        {
            throw new OffsetTrimmedException(stream, partition, offset, start);
        }

        using RecordBatch read = new(destination.MaxRecords, destination.MaxBytes);
        long first = offsets.FirstFrom(partition, offset);
        await Inner.ReadAsync(stream, partition, first, read, cancellationToken);
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

    public override ValueTask WaitAsync(string stream, int partition, long offset, CancellationToken cancellationToken) =>
        Inner.WaitAsync(stream, partition, offsets.FirstFrom(partition, offset), cancellationToken);

    public override async ValueTask<OffsetRange> GetOffsetsAsync(string stream, int partition, CancellationToken cancellationToken)
    {
        OffsetRange range = await Inner.GetOffsetsAsync(stream, partition, cancellationToken);
        return new OffsetRange(
            range.Start == 0 ? offsets.Starts[partition] : offsets.Of(partition, range.Start), offsets.Of(partition, range.End));
    }

    public override async ValueTask<long> FindOffsetAsync(string stream, int partition, DateTimeOffset time, CancellationToken cancellationToken) =>
        offsets.Of(partition, await Inner.FindOffsetAsync(stream, partition, time, cancellationToken));

    public override ValueTask TrimAsync(string stream, int partition, long before, CancellationToken cancellationToken) =>
        Inner.TrimAsync(stream, partition, offsets.FirstFrom(partition, before), cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        await Inner.DisposeAsync();
        await base.DisposeAsync();
    }
}
