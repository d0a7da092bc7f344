using Lambda.Log;
using Lambda.Processing;
using Lambda.Serving.Answers;
using Lambda.Serving.Formats;
using Lambda.Store;
using Lambda.Time;
using Lambda.Views;
using Microsoft.Extensions.Logging;

namespace Lambda.Serving.Queries;

/// <summary>Compares what the speed layer has committed with what the log holds.</summary>
internal sealed partial class StreamObserver(IEventLog log, TimeProvider time, ILogger<StreamObserver> logger)
{
    /// <summary>Where the stream stands now. A log that does not answer leaves its lag unknown; what the store holds can be served all the same.</summary>
    public async ValueTask<StreamState> ObserveAsync(StreamDefinition stream, StreamStatus status, CancellationToken cancellationToken)
    {
        IReadOnlyList<OffsetRange>? offsets = null;
        LagAnswer? lag = null;
        try
        {
            offsets = await ReadOffsetsAsync(status, cancellationToken).ConfigureAwait(false);
            lag = await MeasureLagAsync(status, offsets, cancellationToken).ConfigureAwait(false);
        }
        catch (EventLogException exception)
        {
            LogLagUnknown(exception, stream.Name);
        }

        long now = time.Now();
        return new StreamState(
            StreamWatermark.Of(status.Partitions, now, stream.IdleAfter, stream.OutOfOrderness),
            lag,
            new FreshnessAnswer(
                Instants.ToDateTimeOffset(status.Partitions.Max(partition => partition.MaxEventTime)),
                Instants.ToDateTimeOffset(status.Partitions.Max(partition => partition.LastAppendedAt))),
            [.. status.Partitions.Select((partition, i) => Describe(partition, offsets?[i], stream, now))]);
    }

    private static PartitionAnswer Describe(PartitionStatus partition, OffsetRange? offsets, StreamDefinition stream, long now) => new(
        partition.Partition,
        partition.NextOffset,
        offsets?.Start,
        offsets?.End,
        partition.Epoch,
        partition.MaxEventTime is null ? null : Instants.ToDateTimeOffset(StreamWatermark.Of(partition, stream.OutOfOrderness)),
        StreamWatermark.IsIdle(partition, now, stream.IdleAfter),
        partition.Accepted,
        partition.Quarantined);

    private async ValueTask<IReadOnlyList<OffsetRange>> ReadOffsetsAsync(StreamStatus status, CancellationToken cancellationToken)
    {
        OffsetRange[] offsets = new OffsetRange[status.Partitions.Count];
        for (int i = 0; i < offsets.Length; i++)
        {
            offsets[i] = await log.GetOffsetsAsync(status.Stream, status.Partitions[i].Partition, cancellationToken).ConfigureAwait(false);
        }

        return offsets;
    }

    private async ValueTask<LagAnswer> MeasureLagAsync(StreamStatus status, IReadOnlyList<OffsetRange> offsets, CancellationToken cancellationToken)
    {
        long events = 0;
        long oldest = long.MaxValue;
        using RecordBatch first = new(maxRecords: 1, maxBytes: 1);
        for (int i = 0; i < offsets.Count; i++)
        {
            PartitionStatus partition = status.Partitions[i];
            long next = Math.Max(partition.NextOffset, offsets[i].Start);
            if (await FindRecordAsync(status.Stream, partition.Partition, offsets[i] with { Start = next }, first, cancellationToken).ConfigureAwait(false))
            {
                events += offsets[i].End - first.Offset(0);
                oldest = Math.Min(oldest, first.AppendedAt(0));
            }
        }

        // Append times never go back, whatever the wall clock does; the wall clock may.
        return new LagAnswer(events, oldest == long.MaxValue ? 0 : Math.Max(0, time.Now() - oldest) / 1e6);
    }

    /// <summary>Reads the first record of a range, whose first offsets may hold none.</summary>
    /// <returns>Whether there is any.</returns>
    private async ValueTask<bool> FindRecordAsync(
        string stream, int partition, OffsetRange offsets, RecordBatch first, CancellationToken cancellationToken)
    {
        long next = offsets.Start;
        while (next < offsets.End)
        {
            await log.ReadAsync(stream, partition, next, first, cancellationToken).ConfigureAwait(false);
            if (first.Count > 0)
            {
                // A record that was appended since is none of the range.
                return first.Offset(0) < offsets.End;
            }

            if (first.NextOffset <= next)
            {
                return false;
            }

            next = first.NextOffset;
        }

        return false;
    }

    [LoggerMessage(EventId = 4003, Level = LogLevel.Warning, Message = "The lag of stream '{Stream}' is unknown because the log does not answer.")]
    private partial void LogLagUnknown(Exception exception, string stream);
}
