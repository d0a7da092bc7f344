using Lambda.Batch.History;
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

    /// <summary>Adds the voids of a run of offsets per partition.</summary>
    ValueTask AppendVoidsAsync(IReadOnlyList<LogVoid> voids, IReadOnlyDictionary<int, OffsetRange> ranges, CancellationToken cancellationToken);

    /// <summary>The archive as it is now; later appends do not change what is read from it.</summary>
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

/// <summary>An archive as it was at one instant.</summary>
internal interface IArchiveSnapshot
{
    /// <summary>The version of the history table.</summary>
    long Version { get; }

    /// <summary>Per partition the offset that it begins at: no record before it was ever to be archived.</summary>
    Boundary Start { get; }

    /// <summary>Per partition the first offset that is not in it.</summary>
    Boundary End { get; }

    /// <summary>The dates it holds events of, in UTC, in rising order. Events of one instant are of one date.</summary>
    IReadOnlyList<DateOnly> Dates { get; }

    /// <summary>The Parquet files of all dates on this machine.</summary>
    /// <exception cref="HistoryException">One is missing.</exception>
    Task<LocalFiles> OpenFilesAsync(CancellationToken cancellationToken);

    /// <summary>The Parquet files, on this machine, that may hold events of a selection; and they hold others.</summary>
    /// <exception cref="HistoryException">One is missing.</exception>
    Task<LocalFiles> OpenFilesAsync(FileSelection selection, CancellationToken cancellationToken);

    /// <summary>By date, how many rows there are; null where the table's log does not tell.</summary>
    IReadOnlyDictionary<DateOnly, long?> Rows { get; }

    /// <summary>The dates that may hold events at offsets from <paramref name="from"/> on, in rising order.</summary>
    IReadOnlyList<DateOnly> DatesFrom(Boundary from);

    /// <summary>Reads events that a range takes, of one date after the other: cheaper than to begin anew with each.</summary>
    /// <param name="projection">Which members.</param>
    /// <param name="dictionary">What the ids of strings refer to; it grows with what is read.</param>
    /// <param name="range">Which events.</param>
    IArchiveReader OpenReader(Projection projection, StringDictionary dictionary, ArchiveRange range);

    /// <summary>Selects files to read events of.</summary>
    IArchiveScan Select(FileSelection selection);

    /// <summary>Those events of a date that a range takes; a batch is valid until the next one is asked for.</summary>
    IAsyncEnumerable<EventBatch> ReadAsync(
        DateOnly date, Projection projection, StringDictionary dictionary, ArchiveRange range, CancellationToken cancellationToken);

    /// <summary>The events of a date at offsets below <paramref name="below"/>; a batch is valid until the next one is asked for.</summary>
    IAsyncEnumerable<EventBatch> ReadAsync(
        DateOnly date, Projection projection, StringDictionary dictionary, Boundary below, CancellationToken cancellationToken);

    /// <summary>The positions of undecodable records at offsets below <paramref name="below"/>.</summary>
    IAsyncEnumerable<LogPosition> ReadQuarantinedPositionsAsync(Boundary below, CancellationToken cancellationToken);

    /// <summary>The parts of voids that lie below <paramref name="below"/>, in any order.</summary>
    IAsyncEnumerable<LogVoid> ReadVoidsAsync(Boundary below, CancellationToken cancellationToken);

    /// <summary>The newest deletion of events from it; null when nothing was ever deleted.</summary>
    HistoryDeletion? Deletion { get; }

    /// <summary>The parts of ranges of deleted records that lie below <paramref name="below"/>, in any order; a record may be in several.</summary>
    IAsyncEnumerable<LogVoid> ReadDeletionsAsync(Boundary below, CancellationToken cancellationToken);

    /// <summary>The undecodable records at offsets from <paramref name="from"/> on and below <paramref name="below"/>.</summary>
    IAsyncEnumerable<QuarantinedRecord> ReadQuarantineAsync(Boundary from, Boundary below, CancellationToken cancellationToken);
}

/// <summary>Events in some files of an archive: those that a range takes, whatever values they have. Safe for use by several threads at once.</summary>
internal interface IArchiveScan
{
    /// <summary>The dates that have such files, in rising order.</summary>
    IReadOnlyList<DateOnly> Dates { get; }

    /// <inheritdoc cref="IArchiveSnapshot.OpenReader"/>
    /// <param name="projection">Which members.</param>
    /// <param name="dictionary">What the ids of strings refer to; it grows with what is read.</param>
    /// <param name="fields">What is read of the events' records.</param>
    IArchiveReader OpenReader(Projection projection, StringDictionary dictionary, RecordFields fields);
}

/// <summary>Reads an archive date by date into one batch. For one caller at a time.</summary>
internal interface IArchiveReader : IDisposable
{
    /// <summary>The events of a date, as one batch that is given again and again with the next rows in it.</summary>
    /// <exception cref="HistoryException">A file is missing or damaged.</exception>
    IAsyncEnumerable<EventBatch> ReadAsync(DateOnly date, CancellationToken cancellationToken);
}

/// <summary>Which events the files are wanted of.</summary>
/// <param name="Range">Their offsets and times.</param>
internal sealed record FileSelection(ArchiveRange Range)
{
    /// <summary>The dates that have any; null when that is not known.</summary>
    public IReadOnlySet<DateOnly>? Dates { get; init; }

    /// <summary>Of members, the values that are looked for.</summary>
    public IReadOnlyList<SoughtValues> Values { get; init; } = [];
}

/// <summary>Which events of an archive are read.</summary>
/// <param name="From">The first offsets; null from the beginning.</param>
/// <param name="Below">The first offsets that are not.</param>
/// <param name="Times">Only those with an event time in it.</param>
internal sealed record ArchiveRange(Boundary? From, Boundary Below, EventTimeRange Times)
{
    /// <summary>All events between two boundaries.</summary>
    public ArchiveRange(Boundary? from, Boundary below)
        : this(from, below, EventTimeRange.All)
    {
    }
}
