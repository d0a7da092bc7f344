using System.Data.Common;
using System.Globalization;
using System.Text;
using DuckDB.NET.Data;

namespace Lambda.Batch.ForeignTables.Rows;

/// <summary>
/// Rows of a table of others, sorted. Sorting is DuckDB's, which spills what its memory does not hold to a temporary folder; rows are given as they are read.
/// </summary>
/// <remarks>Values come as DuckDB's reader gives them, but for decimals, which are text: they may have more digits than <see cref="decimal"/>.</remarks>
internal sealed class ForeignRows : IAsyncDisposable
{
    private const string MemoryLimit = "512MB";

    private readonly string _spill = Path.Combine(Path.GetTempPath(), $"lambda-table-{Guid.NewGuid():N}");
    private readonly string _blocks = Path.Combine(Path.GetTempPath(), $"lambda-table-{Guid.NewGuid():N}");
    private readonly DuckDBConnection _duck = new(ParquetFiles.ConnectionString);
    private readonly ForeignTable _table;
    private MergedLogs? _logs;
    private DuckDBCommand? _command;
    private CancellationTokenRegistration _cancellation;
    private DbDataReader? _reader;
    private long _rows;

    private ForeignRows(ForeignTable table) => _table = table;

    /// <summary>The row that is read, with a value for each of the columns.</summary>
    public DbDataReader Row => _reader!;

    /// <summary>Begins to read.</summary>
    /// <param name="table">The table.</param>
    /// <param name="columns">Columns of the table, or parts of such.</param>
    /// <param name="order">The places of the columns to sort by.</param>
    /// <param name="cancellationToken">Ends the work, also what is done for the rows after the first.</param>
    /// <exception cref="ForeignTableException">A file cannot be read, or the table asks for what is not supported.</exception>
    public static async Task<ForeignRows> OpenAsync(
        ForeignTable table, IReadOnlyList<ForeignField> columns, IReadOnlyList<int> order, CancellationToken cancellationToken)
    {
        ForeignRows rows = new(table);
        try
        {
            await rows.BeginAsync(columns, order, cancellationToken).ConfigureAwait(false);
            return rows;
        }
        catch (Exception error)
        {
            await rows.DisposeAsync().ConfigureAwait(false);
            if (error is DuckDBException)
            {
                throw rows.Unreadable(error);
            }

            throw;
        }
    }

    /// <summary>Goes to the next row.</summary>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="ForeignTableException">A file cannot be read.</exception>
    public bool Read()
    {
        try
        {
            bool more = Row.Read();
            _rows += more ? 1 : 0;
            return more;
        }
        catch (DuckDBException error)
        {
            throw Unreadable(error);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _cancellation.DisposeAsync().ConfigureAwait(false);
        if (_reader is not null)
        {
            await _reader.DisposeAsync().ConfigureAwait(false);
        }

        if (_command is not null)
        {
            await _command.DisposeAsync().ConfigureAwait(false);
        }

        await _duck.DisposeAsync().ConfigureAwait(false);
        foreach (string folder in new[] { _spill, _blocks }.Where(Directory.Exists))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task BeginAsync(IReadOnlyList<ForeignField> columns, IReadOnlyList<int> order, CancellationToken cancellationToken)
    {
        await _duck.OpenAsync(cancellationToken).ConfigureAwait(false);
        await DuckDb.ExecuteAsync(
            _duck, $"SET memory_limit = '{MemoryLimit}'; SET temp_directory = {ParquetFiles.Text(_spill)}; SET TimeZone = 'UTC'", cancellationToken).ConfigureAwait(false);
        if (_table.Files.GroupBy(file => file.Path).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw new ForeignTableException($"The {_table.Name}, {_table.Version}, names the data file '{twice.Key}' twice. Restore its metadata from a copy, or read another version.");
        }

        FileTable files = await FileTable.CreateAsync(_duck, _table, columns, cancellationToken).ConfigureAwait(false);
        RowDeletions deletions = await RowDeletions.CreateAsync(_duck, _table, cancellationToken).ConfigureAwait(false);
        if (_table.Logs is not null)
        {
            _logs = new MergedLogs(_duck, _table, columns, _blocks);
            await _logs.ReadAsync(cancellationToken).ConfigureAwait(false);
        }

        List<string> parts = [];
        IReadOnlyList<ParquetShape> shapes = await ParquetShape.ReadAsync(_duck, [.. _table.Files.Select(file => file.Path)], cancellationToken).ConfigureAwait(false);
        foreach (ParquetShape shape in shapes)
        {
            string file = _table.Files[shape.Files[0]].Path;
            ColumnExpressions expressions = new(_table, file);
            IEnumerable<ParquetNode> nodes = columns.Where(column => column.Type is not ForeignType.Scalar).Select(column => expressions.Find(shape.Columns, column)).OfType<ParquetNode>();
            await ParquetShape.EnsureReadAlikeAsync(_duck, _table.Name, file, file, nodes, cancellationToken).ConfigureAwait(false);
            await (_logs?.CompareAsync(shape, cancellationToken) ?? Task.CompletedTask).ConfigureAwait(false);
            parts.Add(Part(shape, columns, files, deletions));
        }

        parts.AddRange(_logs?.Parts(columns) ?? []);
        StringBuilder sql = new("SELECT ");
        sql.AppendJoin(", ", columns.Select((column, i) => Rendered(column.Type, $"r.c{i}")));
        sql.Append(" FROM (");
        sql.Append(parts.Count == 0
            ? $"SELECT {string.Join(", ", columns.Select((column, i) => $"CAST(NULL AS {column.Type.Sql}) AS c{i}"))} LIMIT 0"
            : string.Join("\nUNION ALL\n", parts));
        sql.Append(") r");
        if (order.Count > 0)
        {
            sql.Append(" ORDER BY ").AppendJoin(", ", order.Select(i => string.Create(CultureInfo.InvariantCulture, $"r.c{i}")));
        }

        _command = _duck.CreateCommand();
        _command.UseStreamingMode = true;
        _command.CommandText = sql.ToString();

        // Sorting is done before the first row, and may take minutes.
        _cancellation = cancellationToken.Register(_command.Cancel);
        _reader = await _command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The rows of files with the same columns.</summary>
    private string Part(ParquetShape shape, IReadOnlyList<ForeignField> columns, FileTable files, RowDeletions deletions)
    {
        ForeignFile first = _table.Files[shape.Files[0]];
        if (_table.HasFieldIds && shape.Columns.All(column => column.Id is null))
        {
            throw new ForeignTableException(
                $"The {_table.Name} has the file '{first.Path}' without field ids, as files have that were not written for the table. That is not supported. Have the engine rewrite its data files.");
        }

        ColumnExpressions expressions = new(_table, first.Path);

        // Files from before the table was partitioned by a column have no constant for it; those from before there was the column have its default.
        bool HasConstant(ForeignField column) => first.ConstantsRule
            || (expressions.Find(shape.Columns, column) is null && shape.Files.Any(file => _table.Files[file].Constants.ContainsKey(column.NameInFiles)));
        string Value(ForeignField column) => files.Constant(column) is { } constant && HasConstant(column)
            ? constant
            : expressions.Of(column, shape.Columns, node => $"d.{ParquetFiles.Name(node.Name)}");
        StringBuilder sql = new("SELECT ");
        sql.AppendJoin(", ", columns.Select((column, i) => $"CAST({Value(column)} AS {column.Type.Sql}) AS c{i}"));
        sql.Append(" FROM read_parquet([").AppendJoin(", ", shape.Files.Select(file => ParquetFiles.File(_table.Files[file].Path)));
        sql.Append($"], hive_partitioning = false, filename = '{FileTable.PathColumn}') d JOIN files f ON f.path = d.{FileTable.PathColumn}");
        deletions.Append(sql, shape, Value);
        _logs?.Append(sql, shape);
        return sql.ToString();
    }

    private static string Rendered(ForeignType type, string value) => type switch
    {
        ForeignType.Scalar { Name: var name } when name.StartsWith("DECIMAL", StringComparison.Ordinal) => $"CAST({value} AS VARCHAR)",
        ForeignType.List { Element.Type: var element } when HasDecimals(element) => $"list_transform({value}, lambda x: {Rendered(element, "x")})",
        ForeignType.Struct { Fields: var fields } when fields.Any(field => HasDecimals(field.Type)) =>
            $"CASE WHEN {value} IS NULL THEN NULL ELSE struct_pack("
            + string.Join(", ", fields.Select(field => $"{ParquetFiles.Name(field.Name)} := {Rendered(field.Type, $"struct_extract({value}, {ParquetFiles.Text(field.Name)})")}"))
            + ") END",
        _ => value,
    };

    private static bool HasDecimals(ForeignType type) => type switch
    {
        ForeignType.Scalar scalar => scalar.Name.StartsWith("DECIMAL", StringComparison.Ordinal),
        ForeignType.List list => HasDecimals(list.Element.Type),
        ForeignType.Struct of => of.Fields.Any(field => HasDecimals(field.Type)),
        _ => false,
    };

    private ForeignTableException Unreadable(Exception error)
    {
        string why = error.Message.Split('\n')[0].Trim().TrimEnd('.');
        why = _logs?.Explain(why) ?? why;
        return new ForeignTableException(
            $"The {_table.Name}, {_table.Version}, cannot be read{(_rows > 0 ? $" after {_rows} rows" : "")}: {why}. Restore the file from a copy, or free room in '{Path.GetTempPath()}' if that is "
            + "what it lacks.",
            error);
    }
}
