using System.Globalization;
using System.Text;
using DuckDB.NET.Data;
using Lambda.Batch.ForeignTables.Hudi.Logs;

namespace Lambda.Batch.ForeignTables.Rows;

/// <summary>Changes in logs: the rows that they put in the place of rows of data files, which are left out, and rows that are new.</summary>
internal sealed class MergedLogs
{
    private const string Advice = "Have the engine compact the table, and read it then, or an instant right after a compaction.";

    private static readonly ForeignField Key = new("_hoodie_record_key", new ForeignType.Scalar("VARCHAR"));
    private static readonly ForeignField Deleted = new("_hoodie_is_deleted", new ForeignType.Scalar("BOOLEAN"));
    private static readonly ForeignField Operation = new("_hoodie_operation", new ForeignType.Scalar("VARCHAR"));

    private readonly DuckDBConnection _duck;
    private readonly ForeignTable _table;
    private readonly HudiLogs _logs;
    private readonly OrderingColumn? _ordering;
    private readonly LogRecords _records;
    private readonly LogBlockNumbers _numbers = new();
    private IReadOnlyList<LogSource> _sources = [];

    /// <summary>Begins.</summary>
    /// <param name="duck">DuckDB, in which the table <c>files</c> is.</param>
    /// <param name="table">A table with logs.</param>
    /// <param name="columns">The columns that are asked for.</param>
    /// <param name="temporary">A folder for files.</param>
    public MergedLogs(DuckDBConnection duck, ForeignTable table, IReadOnlyList<ForeignField> columns, string temporary)
    {
        _duck = duck;
        _table = table;
        _logs = table.Logs!;
        _ordering = _logs.Ordering(table);
        HashSet<string> names = [.. columns.Select(column => column.NameInFiles), Key.Name, Deleted.Name, Operation.Name];
        if (_ordering is not null)
        {
            names.Add(_ordering.Field.NameInFiles);
        }

        _records = new LogRecords(duck, _logs.Folder, temporary, names);
    }

    /// <summary>Reads the logs, and finds the change of each row that counts among them.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        await LogWinners.CreateChangesAsync(_duck, _ordering?.Sql, cancellationToken).ConfigureAwait(false);
        await DuckDb.ExecuteAsync(_duck, "CREATE TEMP TABLE deletions (slice INTEGER, number BIGINT, key VARCHAR, ordering VARCHAR)", cancellationToken).ConfigureAwait(false);
        for (int slice = 0; slice < _logs.Slices.Count; slice++)
        {
            foreach (LogBlock block in _logs.Blocks(slice))
            {
                cancellationToken.ThrowIfCancellationRequested();
                long number = _numbers.Add(block);
                if (block.Kind == LogBlock.Deletes)
                {
                    AddDeletes(block, slice, number);
                }
                else
                {
                    await _records.AddAsync(block, slice, number, cancellationToken).ConfigureAwait(false);
                }
            }
        }

        _sources = await _records.SourcesAsync(cancellationToken).ConfigureAwait(false);
        foreach (LogSource source in _sources)
        {
            await AddChangesAsync(source, cancellationToken).ConfigureAwait(false);
        }

        await DuckDb.ExecuteAsync(
            _duck,
            $"""
            INSERT INTO changes SELECT slice, number, key, true, true, ordering IS NULL, {(_ordering is null ? "NULL" : $"CAST(ordering AS {_ordering.Sql})")} FROM deletions;
            DROP TABLE deletions
            """,
            cancellationToken).ConfigureAwait(false);
        await EnsureCompleteAsync(cancellationToken).ConfigureAwait(false);
        await LogWinners.ChooseAsync(_duck, _ordering is not null, cancellationToken).ConfigureAwait(false);
        await DuckDb.ExecuteAsync(_duck, "DROP TABLE changes", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes back changes of rows whose value in their data file is a higher one.</summary>
    /// <param name="shape">What some data files are like.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task CompareAsync(ParquetShape shape, CancellationToken cancellationToken)
    {
        int[] touched = [.. shape.Files.Where(file => _logs.Slices[file].Count > 0)];
        if (touched.Length == 0 || _ordering is null)
        {
            return;
        }

        string file = _table.Files[touched[0]].Path;
        string ordering = new ColumnExpressions(_table, file).Of(_ordering.Field, shape.Columns, node => $"d.{ParquetFiles.Name(node.Name)}");
        string files = string.Join(", ", touched.Select(number => ParquetFiles.File(_table.Files[number].Path)));
        await DuckDb.ExecuteAsync(
            _duck,
            $"""
            CREATE TEMP TABLE beaten AS SELECT w.number, {ordering} IS NULL AS is_unknown
            FROM read_parquet([{files}], hive_partitioning = false, filename = '{FileTable.PathColumn}') d JOIN files f ON f.path = d.{FileTable.PathColumn}
            JOIN winners w ON w.slice = f.number AND w.key = {KeyOf(shape, file)}
            WHERE NOT w.resets AND ({ordering} IS NULL OR {ordering} > w.ordering)
            """,
            cancellationToken).ConfigureAwait(false);
        if (await DuckDb.FindAsync(_duck, "SELECT number FROM beaten WHERE is_unknown LIMIT 1", cancellationToken).ConfigureAwait(false) is not null)
        {
            throw WithoutOrdering($"rows of data files such as '{file}'");
        }

        await DuckDb.ExecuteAsync(_duck, "DELETE FROM winners WHERE number IN (SELECT number FROM beaten); DROP TABLE beaten", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Adds a join that leaves out rows that changes have taken the place of.</summary>
    /// <param name="sql">A query of rows <c>d</c> of files <c>f</c>.</param>
    /// <param name="shape">What the files are like.</param>
    public void Append(StringBuilder sql, ParquetShape shape)
    {
        if (shape.Files.Any(file => _logs.Slices[file].Count > 0))
        {
            sql.Append(CultureInfo.InvariantCulture, $" ANTI JOIN winners w ON w.slice = f.number AND w.key = {KeyOf(shape, _table.Files[shape.Files[0]].Path)}");
        }
    }

    /// <summary>Queries of the rows in logs that count.</summary>
    public IEnumerable<string> Parts(IReadOnlyList<ForeignField> columns)
    {
        foreach (LogSource source in _sources)
        {
            ColumnExpressions expressions = new(_table, source.File);
            IEnumerable<string> values = columns.Select((column, i) =>
                string.Create(CultureInfo.InvariantCulture, $"CAST({expressions.Of(column, source.Columns, source.Address)} AS {column.Type.Sql}) AS c{i}"));
            yield return $"SELECT {string.Join(", ", values)} FROM {source.From} JOIN winners w ON w.number = {source.Number} WHERE NOT w.deletes";
        }
    }

    /// <summary>A message in which temporary files stand for the blocks that they are of.</summary>
    public string Explain(string message) => _records.Explain(message);

    private void AddDeletes(LogBlock block, int slice, long number)
    {
        try
        {
            using DuckDBAppender appender = _duck.CreateAppender("deletions");
            foreach (LogDelete delete in LogDelete.Read(LogFile.ReadContent(_logs.Folder, block)))
            {
                IDuckDBAppenderRow row = appender.CreateRow().AppendValue(slice).AppendValue(number++).AppendValue(delete.Key);
                string? ordering = delete.Ordering is { } value && _ordering is not null
                    ? _ordering.Text(value.Kind, value.Text)
                        ?? throw new NotSupportedException($"a deletion ordered by a value of the type {value.Kind}, where the column '{_ordering.Field.Name}' is {_ordering.Sql}")
                    : null;
                _ = ordering is null ? row.AppendNullValue() : row.AppendValue(ordering);
                row.EndRow();
            }
        }
        catch (NotSupportedException error)
        {
            throw _logs.Folder.Unsupported($"{error.Message} in the log {block.Place}", Advice);
        }
        catch (Exception error) when (error is FormatException or OverflowException)
        {
            throw _logs.Folder.Refuse(
                $"has a block of deletions in the log {block.Place} that is damaged: {error.Message.TrimEnd('.')}. Restore the log from a copy, or have the engine compact the table", error);
        }
    }

    private Task AddChangesAsync(LogSource source, CancellationToken cancellationToken)
    {
        ColumnExpressions expressions = new(_table, source.File);
        string Value(ForeignField field) => expressions.Of(field, source.Columns, source.Address);
        if (expressions.Find(source.Columns, Operation) is not null)
        {
            throw _logs.Folder.Unsupported($"changes with what was done in the log '{source.File}' (hoodie.allow.operation.metadata.field)", Advice);
        }

        string deletes = $"coalesce({Value(Deleted)}, false)";
        string ordering = _ordering is null ? "NULL" : Value(_ordering.Field);
        string resets = _ordering is { HasDefault: true } ? $"coalesce({deletes} AND {ordering} = 0, false)" : "false";
        return DuckDb.ExecuteAsync(
            _duck,
            $"INSERT INTO changes SELECT {source.Slice}, {source.Number}, {Value(Key)}, {deletes}, false, {resets}, {ordering} FROM {source.From}",
            cancellationToken);
    }

    private async Task EnsureCompleteAsync(CancellationToken cancellationToken)
    {
        if (await DuckDb.FindAsync(_duck, "SELECT number FROM changes WHERE key IS NULL LIMIT 1", cancellationToken).ConfigureAwait(false) is { } keyless)
        {
            throw _logs.Folder.Unsupported($"rows without a key ({Key.Name}) in the log {_numbers.Find(keyless).Place}", Advice);
        }

        if (_ordering is not null
            && await DuckDb.FindAsync(_duck, "SELECT number FROM changes WHERE ordering IS NULL AND NOT resets LIMIT 1", cancellationToken).ConfigureAwait(false) is { } number)
        {
            throw WithoutOrdering($"rows in the log {_numbers.Find(number).Place}");
        }
    }

    private ForeignTableException WithoutOrdering(string rows) => _logs.Folder.Unsupported(
        $"{rows} with nothing in '{_ordering!.Field.Name}', which changes are ordered by, so that it cannot be told which counts", Advice);

    private string KeyOf(ParquetShape shape, string file) => new ColumnExpressions(_table, file).Find(shape.Columns, Key) is { } node
        ? $"d.{ParquetFiles.Name(node.Name)}"
        : throw _logs.Folder.Unsupported($"changes in logs, and the file '{file}' without the keys of its rows ({Key.Name})", Advice);
}
