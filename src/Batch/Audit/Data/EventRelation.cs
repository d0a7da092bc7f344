using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using DuckDB.NET.Data;
using Lambda.Batch.Archive;
using Lambda.Batch.History;
using Lambda.Batch.History.Reading;
using Lambda.Log;
using Lambda.Store;
using Lambda.Views;

namespace Lambda.Batch.Audit.Data;

/// <summary>
/// A stream's archived events as the relation <c>events</c> of a DuckDB in memory. Of an audit, new events and earlier ones are relations too; each is opened
/// when it is first asked for, as its files may have to be fetched.
/// </summary>
/// <remarks>For one caller at a time.</remarks>
internal sealed class EventRelation : IAsyncDisposable
{
    private const string All = "events";
    private const string Some = "audit.some_events";

    private readonly AuditEngines _engines;
    private readonly AuditEngine _engine;
    private readonly StreamDefinition _stream;
    private readonly AuditSubject? _subject;
    private readonly List<LocalFiles> _files = [];

    /// <summary>The files of each relation, as tables in SQL.</summary>
    private readonly List<string> _tables = [];
    private int _earlier;
    private bool _hasAll;

    /// <summary>The relation of new events; null before it is asked for.</summary>
    private string? _new;
    private bool _hasFailed;

    private EventRelation(AuditEngines engines, AuditEngine engine, StreamDefinition stream, AuditSubject? subject)
    {
        _engines = engines;
        _engine = engine;
        _stream = stream;
        _subject = subject;
    }

    /// <summary>What answers, and would answer otherwise in another version.</summary>
    public string Version => _engine.Connection.ServerVersion;

    /// <summary>Opens the relation of all events in files; without one it has no row, and SQL can be tried on it.</summary>
    public static Task<EventRelation> OpenAsync(
        AuditEngines engines, StreamDefinition stream, IReadOnlyList<string> files, CancellationToken cancellationToken) =>
        OpenAsync(engines, stream, files, removed: [], cancellationToken);

    /// <summary>Opens the relation of all events in files but some.</summary>
    public static async Task<EventRelation> OpenAsync(
        AuditEngines engines, StreamDefinition stream, IReadOnlyList<string> files, IReadOnlyList<LogPosition> removed, CancellationToken cancellationToken)
    {
        EventRelation relation = new(engines, await engines.TakeAsync(cancellationToken).ConfigureAwait(false), stream, null) { _hasAll = true };
        try
        {
            await relation.CreateAsync(All, files, removed, "true", cancellationToken).ConfigureAwait(false);
            return relation;
        }
        catch
        {
            await relation.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Opens the relation of events that count: below the boundary, without those that were removed.</summary>
    public static async Task<EventRelation> OpenAsync(AuditEngines engines, AuditSubject subject, CancellationToken cancellationToken) =>
        new(engines, await engines.TakeAsync(cancellationToken).ConfigureAwait(false), subject.Stream.Definition, subject);

    /// <summary>The condition of rows at or above a boundary.</summary>
    public static string AtOrAbove(Boundary boundary) => $"_offset >= {OffsetOf(boundary)}";

    /// <summary>The condition of rows below a boundary.</summary>
    public static string Below(Boundary boundary) => $"_offset < {OffsetOf(boundary)}";

    /// <summary>Runs a statement.</summary>
    /// <exception cref="DuckDBException">It is wrong, or fails on the data.</exception>
    /// <exception cref="HistoryException">A file cannot be opened.</exception>
    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using DbCommand command = _engine.Connection.CreateCommand();
        command.CommandText = sql;
        await GuardAsync(() => command.ExecuteNonQueryAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>All rows of a query over <c>events</c>; null stands for SQL's.</summary>
    /// <exception cref="DuckDBException">It is wrong, or fails on the data.</exception>
    /// <exception cref="HistoryException">A file cannot be opened.</exception>
    public async Task<IReadOnlyList<object?[]>> QueryAsync(string sql, CancellationToken cancellationToken)
    {
        await OpenAllAsync(cancellationToken).ConfigureAwait(false);
        return await QueryTableAsync(sql, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>All rows of a query over anything but <c>events</c>; null stands for SQL's.</summary>
    /// <exception cref="DuckDBException">It is wrong, or fails on the data.</exception>
    /// <exception cref="HistoryException">A file cannot be opened.</exception>
    public async Task<IReadOnlyList<object?[]>> QueryTableAsync(string sql, CancellationToken cancellationToken)
    {
        List<object?[]> rows = [];
        await foreach (DbDataReader reader in ReadTableAsync(sql, cancellationToken).ConfigureAwait(false))
        {
            object?[] row = new object?[reader.FieldCount];
            for (int i = 0; i < row.Length; i++)
            {
                row[i] = reader.IsDBNull(i) ? null : reader.GetValue(i);
            }

            rows.Add(row);
        }

        return rows;
    }

    /// <summary>The relation of events that count and have come since the generation that the run went on from, as it stands behind <c>FROM</c>; only their files are opened.</summary>
    /// <exception cref="InvalidOperationException">The run went on from none, or looked at earlier events again.</exception>
    public async Task<string> NewAsync(CancellationToken cancellationToken)
    {
        if (_new is null)
        {
            (AuditSubject subject, Boundary from) = Parted();
            LocalFiles files = await subject.Archive.OpenFilesAsync(subject.NewFiles(from), cancellationToken).ConfigureAwait(false);
            _files.Add(files);
            string select = await SelectAsync(
                "new_events",
                files.Paths,
                [.. subject.Computation.Removed],
                $"{Least(from)} AND source.{AtOrAbove(from)} AND source.{Below(subject.Boundary)}",
                cancellationToken).ConfigureAwait(false);

            // No view: DuckDB would open the files for it, and for each query once more.
            _new = $"({select})";
        }

        return _new;
    }

    /// <summary>
    /// A relation that has the events before those, also ones that were removed, as far as they lie in a range of times and have values in others; and more of them.
    /// Only files that may hold such events are opened.
    /// </summary>
    /// <inheritdoc cref="NewAsync"/>
    public async Task<string> EarlierAsync(EventTimeRange times, IReadOnlyList<ValueRange> values, CancellationToken cancellationToken)
    {
        (AuditSubject subject, Boundary below) = Parted();
        string name = Text($"audit.earlier_events_{_earlier++}");
        await CreateAsync(
            name,
            await subject.Archive.OpenFilesAsync(new FileSelection(new ArchiveRange(null, below, times)) { Values = values }, cancellationToken)
                .ConfigureAwait(false),
            [],
            $"source.{Below(below)}",
            cancellationToken).ConfigureAwait(false);
        return name;
    }

    /// <summary>
    /// The row that a query gives of some dates of <c>events</c>, and of the next ones, until it was asked of all. Only files of these dates are open meanwhile: of each that it
    /// reads, DuckDB has some kilobytes in memory until the query ends.
    /// </summary>
    /// <param name="sql">The query over a relation of a name; of no rows it gives one row too.</param>
    /// <param name="datesAtOnce">How many dates the query is asked of at once at most.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="DuckDBException">It is wrong, or fails on the data.</exception>
    /// <exception cref="HistoryException">A file cannot be opened.</exception>
    /// <exception cref="InvalidOperationException">Nobody audits these events.</exception>
    public async IAsyncEnumerable<object?[]> QueryByDatesAsync(
        Func<string, string> sql, int datesAtOnce, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        AuditSubject subject = _subject ?? throw new InvalidOperationException("These events are those of files, not of dates.");
        string without = await LeaveOutAsync(Some, await subject.ReadRemoved(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        IEnumerable<DateOnly[]> parts = subject.Archive.Dates.Count == 0 ? [[]] : subject.Archive.Dates.Chunk(datesAtOnce);
        foreach (DateOnly[] dates in parts)
        {
            FileSelection selection = new(new ArchiveRange(null, subject.Boundary)) { Dates = dates.ToHashSet() };
            using LocalFiles files = await subject.Archive.OpenFilesAsync(selection, cancellationToken).ConfigureAwait(false);
            string source = SourceOf(files.Paths);
            _tables.Add(source);
            try
            {
                await ExecuteAsync($"CREATE OR REPLACE VIEW {Some} AS {Select(source, without, ConditionOf(subject))}", cancellationToken).ConfigureAwait(false);
                yield return (await QueryTableAsync(sql(Some), cancellationToken).ConfigureAwait(false))[0];
            }
            finally
            {
                // Copies go with the files: what fails later must not be laid to their absence.
                _tables.Remove(source);
            }
        }
    }

    /// <summary>The rows of a query over <c>events</c> as they come; the reader given is the same each time, on its next row.</summary>
    /// <exception cref="DuckDBException">It is wrong, or fails on the data.</exception>
    /// <exception cref="HistoryException">A file cannot be opened.</exception>
    public async IAsyncEnumerable<DbDataReader> ReadAsync(string sql, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await OpenAllAsync(cancellationToken).ConfigureAwait(false);
        await foreach (DbDataReader reader in ReadTableAsync(sql, cancellationToken).ConfigureAwait(false))
        {
            yield return reader;
        }
    }

    private async IAsyncEnumerable<DbDataReader> ReadTableAsync(string sql, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using DuckDBCommand command = _engine.Connection.CreateCommand();
        command.UseStreamingMode = true;
        command.CommandText = sql;
        await using DbDataReader reader = await GuardAsync(() => command.ExecuteReaderAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
        while (await GuardAsync(() => reader.ReadAsync(cancellationToken), cancellationToken).ConfigureAwait(false))
        {
            yield return reader;
        }
    }

    /// <summary>Does something with the relations; when it fails and a file of theirs cannot be opened, it is that which is told, not the fault of a check.</summary>
    private async Task<T> GuardAsync<T>(Func<Task<T>> step, CancellationToken cancellationToken)
    {
        try
        {
            return await step().ConfigureAwait(false);
        }
        catch (DuckDBException)
        {
            _hasFailed = true;
            await RequireReadableAsync(cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Opens all files of the relations.</summary>
    private async Task RequireReadableAsync(CancellationToken cancellationToken)
    {
        foreach (string table in _tables)
        {
            await using DbCommand command = _engine.Connection.CreateCommand();
            command.CommandText = $"SELECT count(*) FROM {table}";
            try
            {
                await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (DuckDBException error)
            {
                throw new HistoryException($"Stream '{_stream.Name}': files of the history cannot be read for the checks of its data: {error.Message}", error);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_hasFailed)
        {
            _engine.Dispose();
        }
        else
        {
            await _engines.GiveBackAsync(_engine).ConfigureAwait(false);
        }

        _files.ForEach(files => files.Dispose());
    }

    private async Task OpenAllAsync(CancellationToken cancellationToken)
    {
        if (_hasAll || _subject is not { } subject)
        {
            return;
        }

        await CreateAsync(
            All,
            await subject.Archive.OpenFilesAsync(cancellationToken).ConfigureAwait(false),
            await subject.ReadRemoved(cancellationToken).ConfigureAwait(false),
            ConditionOf(subject),
            cancellationToken).ConfigureAwait(false);
        _hasAll = true;
    }

    private static string ConditionOf(AuditSubject subject) => subject.Boundary.Covers(subject.Archive.End) ? "true" : $"source.{Below(subject.Boundary)}";

    private (AuditSubject Subject, Boundary From) Parted() => _subject is { Known: { } known } subject
        ? (subject, known.Below)
        : throw new InvalidOperationException("These events are not parted into new and earlier ones.");

    /// <summary>Creates a relation of a history's files, which stay until this is disposed of.</summary>
    private Task CreateAsync(string name, LocalFiles files, IReadOnlyList<LogPosition> removed, string condition, CancellationToken cancellationToken)
    {
        _files.Add(files);
        return CreateAsync(name, files.Paths, removed, condition, cancellationToken);
    }

    /// <summary>Creates a relation of files.</summary>
    private async Task CreateAsync(
        string name, IReadOnlyList<string> files, IReadOnlyList<LogPosition> removed, string condition, CancellationToken cancellationToken)
    {
        string select = await SelectAsync(name, files, removed, condition, cancellationToken).ConfigureAwait(false);
        await ExecuteAsync($"CREATE VIEW {name} AS {select}", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The query that a relation of files is.</summary>
    private async Task<string> SelectAsync(
        string name, IReadOnlyList<string> files, IReadOnlyList<LogPosition> removed, string condition, CancellationToken cancellationToken)
    {
        string source = SourceOf(files);
        _tables.Add(source);
        return Select(source, await LeaveOutAsync(name, removed, cancellationToken).ConfigureAwait(false), condition);
    }

    /// <summary>Files as a table in SQL.</summary>
    private string SourceOf(IReadOnlyList<string> files)
    {
        IReadOnlyList<(string Name, string Type)> columns =
        [
            (HistorySchema.Partition.Name, "INTEGER"), (HistorySchema.Offset.Name, "BIGINT"), (HistorySchema.AppendedAt.Name, "TIMESTAMPTZ"),
            (HistorySchema.Extra.Name, "VARCHAR"), .. _stream.Schema.Members.Select(member => (member.JsonName, ColumnSql.TypeOf(member))),
        ];
        return files.Count == 0
            ? $"(SELECT {string.Join(", ", columns.Select(column => $"NULL::{column.Type} AS {ParquetFiles.Name(column.Name)}"))} WHERE false)"
            : ParquetFiles.Table(files, columns);
    }

    /// <summary>Takes note of rows that do not count, and gives the join that leaves them out of a relation.</summary>
    private async Task<string> LeaveOutAsync(string name, IReadOnlyList<LogPosition> removed, CancellationToken cancellationToken)
    {
        if (removed.Count == 0)
        {
            return "";
        }

        string table = $"removed_of_{name[(name.LastIndexOf('.') + 1)..]}";
        await ExecuteAsync($"CREATE TABLE audit.{table} (partition INTEGER, position BIGINT)", cancellationToken).ConfigureAwait(false);
        Append(table, removed);
        return $"ANTI JOIN audit.{table} AS removed ON source._partition = removed.partition AND source._offset = removed.position ";
    }

    private static string Select(string source, string without, string condition) => $"SELECT source.* FROM {source} AS source {without}WHERE {condition}";

    private void Append(string table, IReadOnlyList<LogPosition> positions)
    {
        using DuckDBAppender appender = _engine.Connection.CreateAppender("audit", table);
        foreach (LogPosition position in positions)
        {
            appender.CreateRow().AppendValue(position.Partition).AppendValue(position.Offset).EndRow();
        }
    }

    private static string OffsetOf(Boundary boundary) => boundary.Offsets.Distinct().Count() == 1
        ? Text($"{boundary[0]}")
        : $"list_extract([{string.Join(", ", boundary.Offsets.Select(offset => Text($"{offset}")))}]::BIGINT[], _partition + 1)";

    /// <summary>Follows from <see cref="AtOrAbove"/>, in a form that parts of files are left out by.</summary>
    private static string Least(Boundary from) => $"source._offset >= {Text($"{from.Offsets.Min()}")}";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
