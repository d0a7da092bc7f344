using Lambda.Batch.History;
using Lambda.Batch.History.SideTables;
using Lambda.Events;
using Lambda.Log;
using Lambda.Store;

namespace Lambda.Batch.Archive;

/// <summary>An archive as it was at one instant.</summary>
internal interface IArchiveSnapshot
{
    /// <summary>Which history it is, wherever it lies: the id of the history table.</summary>
    string Id { get; }

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

    /// <summary>Which offsets the events of each date and those behind it lie above.</summary>
    OffsetFloors FindFloors();

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
