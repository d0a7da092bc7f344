using System.Collections.Concurrent;
using System.Globalization;
using Lambda.Batch.History;
using Lambda.Batch.History.Reading;
using Lambda.Events;
using Lambda.Log;
using Lambda.Store;

namespace Lambda.Batch.Archive;

/// <summary>
/// Finds out whether a log still is the one that a history was made of. One that was restored from an older copy has, once it has grown again, other records at offsets that the
/// history has already: these would never be archived, and those in the history, which the log does not have any more, would count in their place.
/// </summary>
internal sealed class LogOfHistory(IEventLog log, TimeProvider time)
{
    /// <summary>A broker that has just become a partition's leader may not know yet how far it is committed.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Within how many offsets of a history's end its last event is looked for. The very last records may be none, or deleted; what lies farther back tells nothing more.</summary>
    private static readonly long[] Reaches = [1, 10_000];

    /// <summary>Streams whose history and log were found to belong together: a log is not exchanged under a process that has it open.</summary>
    private readonly ConcurrentDictionary<string, bool> _known = [];

    /// <summary>Requires that the log has what the history has.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="archived">How far the history reaches.</param>
    /// <param name="upTo">Where the log is to be archived to; it is looked how far the log reaches where that lies before the history's end.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="LogReplacedException">The log is shorter than the history, or has another record where the history ends.</exception>
    public async ValueTask RequireAsync(BatchStream stream, Boundary archived, Boundary upTo, CancellationToken cancellationToken)
    {
        for (int partition = 0; partition < archived.Partitions; partition++)
        {
            if (upTo[partition] < archived[partition])
            {
                await RequireReachAsync(stream.Name, partition, archived[partition], "archived", cancellationToken).ConfigureAwait(false);
            }
        }

        if (_known.ContainsKey(stream.Name))
        {
            return;
        }

        if (await TryReadLastAsync(stream, cancellationToken).ConfigureAwait(false) is not { } last)
        {
            return;
        }

        foreach ((int partition, (long offset, long appendedAt)) in last)
        {
            await LogContinuity.RequireRecordAsync(log, stream.Name, new LogPosition(partition, offset), appendedAt, appendedAt, "archived", cancellationToken).ConfigureAwait(false);
        }

        _known.TryAdd(stream.Name, true);
    }

    /// <summary>Requires that a partition has the records below an offset, or has had them.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="end">The offset.</param>
    /// <param name="taken">What became of the records, as a participle.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="LogReplacedException">It is shorter.</exception>
    public async ValueTask RequireReachAsync(string stream, int partition, long end, string taken, CancellationToken cancellationToken)
    {
        OffsetRange there = await log.GetOffsetsAsync(stream, partition, cancellationToken).ConfigureAwait(false);
        if (there.End >= end)
        {
            return;
        }

        await Task.Delay(Patience, time, cancellationToken).ConfigureAwait(false);
        there = await log.GetOffsetsAsync(stream, partition, cancellationToken).ConfigureAwait(false);
        if (there.End < end)
        {
            throw new LogReplacedException(
                stream, string.Create(CultureInfo.InvariantCulture, $"partition {partition} ends at offset {there.End}, and was {taken} up to {end}"));
        }
    }

    /// <returns>Null when a file there cannot be read. Whoever needs its events tells of it; that new ones are archived need not wait until it is restored.</returns>
    private static async Task<Dictionary<int, (long Offset, long AppendedAt)>?> TryReadLastAsync(BatchStream stream, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadLastAsync(stream, cancellationToken).ConfigureAwait(false);
        }
        catch (HistoryException)
        {
            return null;
        }
    }

    /// <summary>By partition that has events near its end, where the last one stands, and when the log took it.</summary>
    private static async Task<Dictionary<int, (long Offset, long AppendedAt)>> ReadLastAsync(BatchStream stream, CancellationToken cancellationToken)
    {
        IArchiveSnapshot archive = await stream.Archive.PinAsync(cancellationToken).ConfigureAwait(false);
        Dictionary<int, (long Offset, long AppendedAt)> last = [];
        foreach (long reach in Reaches)
        {
            Boundary from = new(Enumerable.Range(0, archive.End.Partitions).Select(partition =>
                last.ContainsKey(partition) ? archive.End[partition] : Math.Max(archive.Start[partition], archive.End[partition] - reach)));
            if (from.Equals(archive.End))
            {
                break;
            }

            IArchiveScan scan = archive.Select(new FileSelection(new ArchiveRange(from, archive.End)));
            using IArchiveReader reader = scan.OpenReader(
                Projection.Of(stream.Definition.Schema, []), new StringDictionary(), RecordFields.Position | RecordFields.AppendTime);
            foreach (DateOnly date in scan.Dates)
            {
                await foreach (EventBatch events in reader.ReadAsync(date, cancellationToken).ConfigureAwait(false))
                {
                    Take(events, last);
                }
            }
        }

        return last;
    }

    private static void Take(EventBatch events, Dictionary<int, (long Offset, long AppendedAt)> last)
    {
        for (int row = 0; row < events.Count; row++)
        {
            int partition = events.Partitions[row];
            if (!last.TryGetValue(partition, out (long Offset, long AppendedAt) known) || known.Offset < events.Offsets[row])
            {
                last[partition] = (events.Offsets[row], events.AppendedAt[row]);
            }
        }
    }
}
