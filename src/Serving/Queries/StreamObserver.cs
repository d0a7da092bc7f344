using System.Collections.Concurrent;
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
    /// <summary>
    /// In microseconds. The record behind the last one that is committed was appended no earlier than that. Where this was less than a second ago it
    /// is near enough, and nothing is read: to read from a place where no reader stands costs a log on other machines many times what all the rest of
    /// a query takes.
    /// </summary>
    private const long ShortLag = 1_000_000;

    /// <summary>In seconds. A speed layer that is further behind may have stopped, as the log is not the one that it has computed.</summary>
    private const double LongLag = 10;

    /// <summary>
    /// Streams whose log was seen to end before what is computed of it. When it has grown again it is another one, unless its record there shows that only the look was too early: that is
    /// looked at before anything is said of it.
    /// </summary>
    private readonly ConcurrentDictionary<string, bool> _shorter = [];

    /// <summary>Where the stream stands now. A log that does not answer leaves its lag unknown; what the store holds can be served all the same.</summary>
    public async ValueTask<StreamState> ObserveAsync(StreamDefinition stream, StreamStatus status, CancellationToken cancellationToken)
    {
        OffsetRange[]? offsets = null;
        LagAnswer? lag = null;
        string? replaced = null;
        try
        {
            offsets = await ReadOffsetsAsync(status, cancellationToken).ConfigureAwait(false);
            lag = await MeasureLagAsync(status, offsets, cancellationToken).ConfigureAwait(false);
            bool hasBeenShorter = HasBeenShorter(status, offsets);
            if (lag.Seconds >= LongLag || hasBeenShorter)
            {
                replaced = await FindReplacementAsync(status, cancellationToken).ConfigureAwait(false);
            }

            if (hasBeenShorter && replaced is null)
            {
                _shorter.TryRemove(stream.Name, out _);
            }
        }
        catch (EventLogException exception)
        {
            LogLagUnknown(exception, stream.Name);
            replaced = (exception as LogReplacedException)?.Message;
        }

        long now = time.Now();
        return new StreamState(
            StreamWatermark.Of(status.Partitions, now, stream.IdleAfter, stream.OutOfOrderness),
            lag,
            new FreshnessAnswer(
                Instants.ToDateTimeOffset(status.Partitions.Max(partition => partition.MaxEventTime)),
                Instants.ToDateTimeOffset(status.Partitions.Max(partition => partition.LastAppendedAt))),
            [.. status.Partitions.Select((partition, i) => Describe(partition, offsets?[i], stream, now))])
        {
            Replaced = replaced,
        };
    }

    /// <summary>Whether the log was seen to be shorter than what is computed, and does not show it any more.</summary>
    private bool HasBeenShorter(StreamStatus status, OffsetRange[] offsets)
    {
        if (status.Partitions.Where((partition, i) => offsets[i].End < partition.NextOffset).Any())
        {
            _shorter.TryAdd(status.Stream, true);
            return false;
        }

        return _shorter.ContainsKey(status.Stream);
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

    private Task<OffsetRange[]> ReadOffsetsAsync(StreamStatus status, CancellationToken cancellationToken) => Task.WhenAll(
        status.Partitions.Select(partition => log.GetOffsetsAsync(status.Stream, partition.Partition, cancellationToken).AsTask()));

    private async ValueTask<LagAnswer> MeasureLagAsync(StreamStatus status, OffsetRange[] offsets, CancellationToken cancellationToken)
    {
        long now = time.Now();
        Behind[] partitions = await Task
            .WhenAll(status.Partitions.Select((partition, i) => MeasureAsync(status.Stream, partition, offsets[i], now, cancellationToken)))
            .ConfigureAwait(false);
        long? oldest = partitions.Min(behind => behind.Since);

        // Append times never go back, whatever the wall clock does; the wall clock may.
        return new LagAnswer(partitions.Sum(behind => behind.Events), oldest is null ? 0 : Math.Max(0, time.Now() - oldest.Value) / 1e6);
    }

    private async Task<Behind> MeasureAsync(
        string stream, PartitionStatus partition, OffsetRange offsets, long now, CancellationToken cancellationToken)
    {
        OffsetRange left = offsets with { Start = Math.Max(partition.NextOffset, offsets.Start) };
        if (left.Start >= left.End)
        {
            return default;
        }

        if (partition.LastAppendedAt is { } last && now - last < ShortLag)
        {
            return new Behind(left.End - left.Start, last);
        }

        using RecordBatch first = new(maxRecords: 1, maxBytes: 1);
        return await FindRecordAsync(stream, partition.Partition, left, first, cancellationToken).ConfigureAwait(false)
            ? new Behind(left.End - first.Offset(0), first.AppendedAt(0))
            : default;
    }

    private async ValueTask<string?> FindReplacementAsync(StreamStatus status, CancellationToken cancellationToken)
    {
        try
        {
            foreach (PartitionStatus partition in status.Partitions)
            {
                await LogContinuity.RequireAsync(log, status.Stream, partition, cancellationToken).ConfigureAwait(false);
            }

            return null;
        }
        catch (LogReplacedException exception)
        {
            return exception.Message;
        }
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

    /// <summary>How far a partition is behind the log.</summary>
    /// <param name="Events">How many offsets.</param>
    /// <param name="Since">When the first record there was appended, or a little before; null when there is none.</param>
    private readonly record struct Behind(long Events, long? Since);

    [LoggerMessage(EventId = 4003, Level = LogLevel.Warning, Message = "The lag of stream '{Stream}' is unknown because the log does not answer.")]
    private partial void LogLagUnknown(Exception exception, string stream);
}
