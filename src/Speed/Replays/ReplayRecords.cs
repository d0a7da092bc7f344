using System.Runtime.ExceptionServices;
using Lambda.Log;
using Lambda.Replays;
using Lambda.Store;

namespace Lambda.Speed.Replays;

/// <summary>
/// What replays of a stream read: records from the history as far as that reaches, and from the log behind it. Looks now and then how far the history
/// has come, so that what is deleted from it while a replay is under way stays out as well. Safe for use by several threads at once.
/// </summary>
internal sealed class ReplayRecords(string stream, IEventLog log, IArchivedRecords archive, ISpeedStore store, TimeProvider time)
{
    /// <summary>How long the end of the history counts as known.</summary>
    private static readonly TimeSpan EndIsKnownFor = TimeSpan.FromSeconds(5);

    private volatile KnownEnd? _end;

    /// <summary>Reads records of a partition from an offset on, and none from <paramref name="to"/> on.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="from">The first offset.</param>
    /// <param name="to">The first offset that is not wanted.</param>
    /// <param name="archivedTo">How far the history reached when the replay was begun.</param>
    /// <param name="records">Takes the records.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <exception cref="OffsetTrimmedException">Records are gone from the log, are not in the history, and nobody has said to go on without them.</exception>
    /// <exception cref="EventLogException">The log cannot be read, or this process does not see the history.</exception>
    public async Task ReadAsync(int partition, long from, long to, long archivedTo, RecordBatch records, CancellationToken cancellationToken)
    {
        long end = await FindEndAsync(partition, cancellationToken);
        if (from < archivedTo && end < archivedTo)
        {
            throw new EventLogException(
                $"The replay of stream '{stream}', partition {partition}, has come to offset {from} and the history reached to {archivedTo} when it was begun, but here it "
                + $"reaches to {end}. Processes that compute replays have to see the history: keep it in object storage, or run them where it lies.");
        }

        if (from < end)
        {
            await archive.ReadAsync(stream, partition, from, Math.Min(to, end), records, cancellationToken);
            return;
        }

        try
        {
            await log.ReadAsync(stream, partition, from, records, cancellationToken);
        }
        catch (OffsetTrimmedException lost)
        {
            await ReadBehindLostAsync(partition, from, to, lost, records, cancellationToken);
        }

        records.RemoveFrom(to);
    }

    private async Task ReadBehindLostAsync(
        int partition, long from, long to, OffsetTrimmedException lost, RecordBatch records, CancellationToken cancellationToken)
    {
        // The log is trimmed where the history has come further; that may have been since the last look.
        _end = null;
        long end = await FindEndAsync(partition, cancellationToken);
        if (from < end)
        {
            await archive.ReadAsync(stream, partition, from, Math.Min(to, end), records, cancellationToken);
            return;
        }

        long resumeAt = LogGaps.ResumeAt(await store.ReadGapsAsync(stream, cancellationToken), partition, lost.Missing);
        if (resumeAt <= from)
        {
            ExceptionDispatchInfo.Throw(lost);
        }

        records.BeginRead(from);
        records.SkipTo(resumeAt);
    }

    private async ValueTask<long> FindEndAsync(int partition, CancellationToken cancellationToken)
    {
        // A partition may have been added since the last look.
        if (_end is { } known && partition < known.End.Partitions && time.GetElapsedTime(known.ReadAt) < EndIsKnownFor)
        {
            return known.End[partition];
        }

        Boundary end = await archive.FindEndAsync(stream, cancellationToken);
        _end = new KnownEnd(end, time.GetTimestamp());
        return end[partition];
    }

    private sealed record KnownEnd(Boundary End, long ReadAt);
}
