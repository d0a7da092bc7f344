using Lambda.Batch.History;
using Lambda.Batch.History.SideTables;
using Lambda.Events;
using Lambda.Events.Json;
using Lambda.Log;
using Lambda.Store;

namespace Lambda.Batch.Archive;

/// <summary>One stream's immutable past: its events, the records that could not be decoded, and where its log holds no record.</summary>
/// <remarks>
/// All appends are atomic and idempotent: a run that the archive contains is not stored again, one that overlaps or leaves a gap is refused.
/// </remarks>
internal interface IStreamArchive : IDisposable
{
    /// <summary>Looks for what others have appended.</summary>
    ValueTask<ArchiveEnds> RefreshAsync(CancellationToken cancellationToken);

    /// <summary>Adds the events of a run of offsets per partition.</summary>
    ValueTask AppendAsync(
        IReadOnlyList<DecodedRun> events, IReadOnlyDictionary<int, OffsetRange> ranges, CancellationToken cancellationToken);

    /// <summary>Adds the undecodable records of a run of offsets per partition.</summary>
    ValueTask AppendQuarantineAsync(
        IReadOnlyList<QuarantinedRecord> records, IReadOnlyDictionary<int, OffsetRange> ranges, CancellationToken cancellationToken);

    /// <summary>Adds undecodable records below the end of the quarantine, but for those that are there.</summary>
    ValueTask AddToQuarantineAsync(IReadOnlyList<QuarantinedRecord> records, CancellationToken cancellationToken);

    /// <summary>Adds the voids of a run of offsets per partition.</summary>
    ValueTask AppendVoidsAsync(IReadOnlyList<LogVoid> voids, IReadOnlyDictionary<int, OffsetRange> ranges, CancellationToken cancellationToken);

    /// <summary>The archive as it is now; later appends do not change what is read from it below its end.</summary>
    ValueTask<IArchiveSnapshot> PinAsync(CancellationToken cancellationToken);

    /// <summary>The archive with its events as of an older version of the history table, and what else belongs to them.</summary>
    /// <exception cref="HistoryException">There is no such version, or it can no longer be read.</exception>
    ValueTask<IArchiveSnapshot> PinAsync(long version, CancellationToken cancellationToken);
}

/// <summary>How far an archive reaches.</summary>
/// <param name="Events">Per partition the first offset that is not archived; where the partition begins when nothing is.</param>
/// <param name="Quarantine">Per partition the first offset whose record, were it undecodable, would still have to be archived.</param>
/// <param name="Voids">Per partition the first offset that, were it without a record, would still have to be archived as that.</param>
internal sealed record ArchiveEnds(Boundary Events, Boundary Quarantine, Boundary Voids);

/// <summary>Events of one partition in the order of their offsets.</summary>
/// <param name="Events">The events, with all their members.</param>
/// <param name="Unknown">By row the members that the event type does not have.</param>
internal sealed record DecodedRun(EventBatch Events, UnknownMembers Unknown);
