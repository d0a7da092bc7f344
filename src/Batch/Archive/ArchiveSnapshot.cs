using System.Runtime.CompilerServices;
using Lambda.Batch.History;
using Lambda.Batch.History.Reading;
using Lambda.Batch.History.SideTables;
using Lambda.Batch.History.Storage;
using Lambda.Events;
using Lambda.Log;
using Lambda.Store;

namespace Lambda.Batch.Archive;

/// <summary>An archive in Delta tables as its events were at one instant. Safe for use by several threads at once.</summary>
internal sealed class ArchiveSnapshot : IArchiveSnapshot
{
    private readonly IObjectStorage _storage;
    private readonly HistoryTable _table;
    private readonly HistorySnapshot _events;
    private readonly SideTables _beside;

    /// <param name="storage">Where the tables lie.</param>
    /// <param name="table">The table of events.</param>
    /// <param name="events">That table at the instant.</param>
    /// <param name="beside">The tables beside it.</param>
    /// <param name="deletion">The newest deletion of events; null when nothing was ever deleted.</param>
    /// <param name="partitions">How many partitions the stream has.</param>
    public ArchiveSnapshot(
        IObjectStorage storage, HistoryTable table, HistorySnapshot events, SideTables beside, HistoryDeletion? deletion, int partitions)
    {
        _storage = storage;
        _table = table;
        _events = events;
        _beside = beside;
        Deletion = deletion;
        Start = events.Starts(partitions);
        End = events.EndOffsets(partitions);
        Rows = events.FilesByDay.ToDictionary(
            files => ArchiveScan.DateOf(files.First()), files => files.All(file => file.Rows is not null) ? files.Sum(file => file.Rows) : null);
        Dates = [.. Rows.Keys.Order()];
    }

    public string Id => _events.Table.Metadata.Id;

    public long Version => _events.Version;

    public Boundary Start { get; }

    public Boundary End { get; }

    public IReadOnlyList<DateOnly> Dates { get; }

    public HistoryDeletion? Deletion { get; }

    public IReadOnlyDictionary<DateOnly, long?> Rows { get; }

    public Task<LocalFiles> OpenFilesAsync(CancellationToken cancellationToken) => OpenFilesAsync(_events.Files, cancellationToken);

    public Task<LocalFiles> OpenFilesAsync(FileSelection selection, CancellationToken cancellationToken) =>
        OpenFilesAsync(FilesOf(selection, FilterOf(selection.Range)), cancellationToken);

    public IReadOnlyList<DateOnly> DatesFrom(Boundary from)
    {
        RowFilter filter = new(from, new Boundary(Enumerable.Repeat(long.MaxValue, from.Partitions)), EventTimeRange.All);
        return [.. _events.Files.Where(filter.MayTake).Select(ArchiveScan.DateOf).Distinct().Order()];
    }

    public OffsetFloors FindFloors() => OffsetFloors.Of(_events.Files, End.Partitions);

    public IAsyncEnumerable<EventBatch> ReadAsync(
        DateOnly date, Projection projection, StringDictionary dictionary, Boundary below, CancellationToken cancellationToken) =>
        ReadAsync(date, projection, dictionary, new ArchiveRange(null, below), cancellationToken);

    public async IAsyncEnumerable<EventBatch> ReadAsync(
        DateOnly date,
        Projection projection,
        StringDictionary dictionary,
        ArchiveRange range,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using IArchiveReader reader = OpenReader(projection, dictionary, range);
        await foreach (EventBatch rows in reader.ReadAsync(date, cancellationToken).ConfigureAwait(false))
        {
            yield return rows;
        }
    }

    public IArchiveReader OpenReader(Projection projection, StringDictionary dictionary, ArchiveRange range) =>
        Select(new FileSelection(range)).OpenReader(projection, dictionary, RecordFields.All);

    public IArchiveScan Select(FileSelection selection)
    {
        RowFilter filter = FilterOf(selection.Range);
        return new ArchiveScan(_table.Scan(FilesOf(selection, filter), filter));
    }

    public IAsyncEnumerable<LogPosition> ReadQuarantinedPositionsAsync(Boundary below, CancellationToken cancellationToken) =>
        _beside.ReadQuarantinedPositionsAsync(below, cancellationToken);

    public IAsyncEnumerable<LogVoid> ReadVoidsAsync(Boundary below, CancellationToken cancellationToken) => _beside.ReadVoidsAsync(below, cancellationToken);

    public IAsyncEnumerable<LogVoid> ReadDeletionsAsync(Boundary below, CancellationToken cancellationToken) =>
        _beside.ReadDeletionsAsync(below, cancellationToken);

    public IAsyncEnumerable<QuarantinedRecord> ReadQuarantineAsync(Boundary from, Boundary below, CancellationToken cancellationToken) =>
        _beside.ReadQuarantineAsync(from, below, cancellationToken);

    private Task<LocalFiles> OpenFilesAsync(IEnumerable<HistoryFile> files, CancellationToken cancellationToken) => LocalFiles.OpenAsync(
        _storage, HistoryLayout.EventsOf(_table.Stream), files.Select(file => file.Action), cancellationToken);

    private static RowFilter FilterOf(ArchiveRange range) => new(range.From, range.Below, range.Times);

    private IEnumerable<HistoryFile> FilesOf(FileSelection selection, RowFilter filter)
    {
        IEnumerable<HistoryFile> files = selection.Dates is { } dates ? dates.Order().SelectMany(date => _events.FilesByDay[date]) : _events.Files;
        return files.Where(file => filter.MayTake(file) && file.MayHold(selection.Values));
    }
}
