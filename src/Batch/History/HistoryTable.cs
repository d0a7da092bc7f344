using Lambda.Batch.History.Appending;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Files;
using Lambda.Batch.History.Reading;
using Lambda.Batch.History.Storage;
using Lambda.Events;
using Lambda.Log;
using Lambda.Store;

namespace Lambda.Batch.History;

/// <summary>A stream's immutable history: a Delta table with a column per member, partitioned by the date of the event time.</summary>
/// <remarks>For one caller at a time, except that scans may run at any time; several instances may append to one table.</remarks>
internal sealed class HistoryTable
{
    private readonly IObjectStorage _storage;
    private readonly TableAppender _appender;
    private readonly TableSchema _columns;
    private readonly EventMember _eventTime;
    private readonly KnownFiles _files;
    private readonly string _table;

    private HistoryTable(
        IObjectStorage storage, TableAppender appender, string table, string stream, TableSchema columns, EventSchema schema, EventMember eventTime)
    {
        _storage = storage;
        _appender = appender;
        _table = table;
        _columns = columns;
        _eventTime = eventTime;
        _files = new KnownFiles(eventTime.JsonName);
        Stream = stream;
        Schema = schema;
        Current = SnapshotOf(appender.Current);
    }

    public string Stream { get; }

    public EventSchema Schema { get; }

    /// <summary>The newest version that this instance knows.</summary>
    public HistorySnapshot Current { get; private set; }

    /// <summary>Opens the history of a stream; creates it when there is none, and adds columns for nullable members that are new.</summary>
    /// <param name="storage">Where it lies.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="schema">The event type.</param>
    /// <param name="eventTime">The member that is the event time; a timestamp that cannot be null.</param>
    /// <param name="starts">Per partition the offset that a new history begins at; null where every partition begins at 0. Without effect on one that is there.</param>
    /// <param name="time">Stamps commits.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="DefinitionException">A name cannot be a column's or a folder's, or the event time is no timestamp.</exception>
    /// <exception cref="HistoryException">The history there does not fit the event type, or is damaged.</exception>
    public static async Task<HistoryTable> OpenAsync(
        IObjectStorage storage,
        string stream,
        EventSchema schema,
        EventMember eventTime,
        Boundary? starts,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (eventTime.Type != ColumnType.Timestamp)
        {
            throw new DefinitionException(
                $"Stream '{stream}': member {eventTime} cannot be the event time of a history. Take a DateTime or DateTimeOffset.");
        }

        string table = HistoryLayout.EventsOf(stream);
        TableSchema columns = HistorySchema.OfEvents(stream, schema);
        TableAppender appender = await TableAppender.OpenAsync(storage, table, stream, columns, starts, time, cancellationToken)
            .ConfigureAwait(false);
        return new HistoryTable(storage, appender, table, stream, columns, schema, eventTime);
    }

    /// <summary>Looks for commits of others.</summary>
    public async Task<HistorySnapshot> RefreshAsync(CancellationToken cancellationToken) =>
        Current = SnapshotOf(await _appender.RefreshAsync(cancellationToken).ConfigureAwait(false));

    /// <summary>An older version.</summary>
    /// <exception cref="HistoryException">There is no such version, or its log is gone.</exception>
    public async Task<HistorySnapshot> ReadVersionAsync(long version, CancellationToken cancellationToken) =>
        SnapshotOf(await _appender.ReadVersionAsync(version, cancellationToken).ConfigureAwait(false));

    /// <summary>The history as it was at some point of its past.</summary>
    /// <exception cref="HistoryException">There is no such version, or its log is gone.</exception>
    public async Task<HistorySnapshot> ReadAsync(HistoryPoint point, CancellationToken cancellationToken) =>
        SnapshotOf(await _appender.ReadAsync(point, cancellationToken).ConfigureAwait(false));

    /// <summary>
    /// Appends the events of a run of offsets in one commit: all of them or none are seen. What the table covers already is left out, so a
    /// run may be repeated after a crash.
    /// </summary>
    /// <param name="batches">The events, in any order; none is a run in which every record was refused.</param>
    /// <param name="ranges">By partition, the offsets that the run covers, those of refused records included.</param>
    /// <param name="cancellationToken">Ends the wait; what was written so far is not part of the table.</param>
    /// <exception cref="HistoryException">A range overlaps what the table covers, or leaves offsets out.</exception>
    /// <exception cref="ArgumentException">A batch lacks a member, or has a row outside of the ranges.</exception>
    public async Task<AppendResult> AppendAsync(
        IReadOnlyList<HistoryBatch> batches, IReadOnlyDictionary<int, OffsetRange> ranges, CancellationToken cancellationToken)
    {
        EventRunRows rows = new(_columns, Schema, batches, ranges);
        AppendResult result = await _appender.AppendAsync(rows, ranges, cancellationToken).ConfigureAwait(false);
        Current = SnapshotOf(_appender.Current);
        return result;
    }

    /// <summary>Prepares to read files of a snapshot.</summary>
    /// <param name="files">The files, ordered by date.</param>
    /// <param name="filter">Which rows of them.</param>
    public HistoryScan Scan(IEnumerable<HistoryFile> files, RowFilter filter) => new(_storage, _table, _eventTime, [.. files], filter);

    private HistorySnapshot SnapshotOf(DeltaSnapshot table) => new(table, Stream, _files);
}
