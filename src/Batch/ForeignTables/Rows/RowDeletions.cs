using System.Globalization;
using System.Text;
using DuckDB.NET.Data;
using Lambda.Batch.ForeignTables.Deletions;

namespace Lambda.Batch.ForeignTables.Rows;

/// <summary>The deleted rows as tables of DuckDB, and the conditions that leave them out.</summary>
internal sealed class RowDeletions
{
    private readonly ForeignTable _table;
    private readonly List<(string Table, IReadOnlyList<ForeignField> Columns)> _values = [];
    private bool _hasPositions;

    private RowDeletions(ForeignTable table) => _table = table;

    /// <summary>Reads what tells of deleted rows. The table <c>files</c> is there.</summary>
    public static async Task<RowDeletions> CreateAsync(DuckDBConnection duck, ForeignTable table, CancellationToken cancellationToken)
    {
        RowDeletions deletions = new(table);
        if (table.Files.Any(file => file.Deleted is not null) || table.PositionDeletes.Count > 0)
        {
            deletions._hasPositions = true;
            await DuckDb.ExecuteAsync(duck, "CREATE TEMP TABLE deleted (file INTEGER, place BIGINT)", cancellationToken).ConfigureAwait(false);
            AppendVectors(duck, table);
            await deletions.AppendPositionsAsync(duck, cancellationToken).ConfigureAwait(false);
        }

        foreach (IGrouping<string, EqualityDeletes> alike in table.EqualityDeletes.GroupBy(deletes => string.Join(',', deletes.Columns.Select(column => column.Id))))
        {
            await deletions.AppendValuesAsync(duck, [.. alike], cancellationToken).ConfigureAwait(false);
        }

        return deletions;
    }

    /// <summary>Adds joins that leave out deleted rows.</summary>
    /// <param name="sql">A query of rows <c>d</c> of files <c>f</c>.</param>
    /// <param name="shape">What the files are like.</param>
    /// <param name="value">Makes SQL for the value of a column.</param>
    public void Append(StringBuilder sql, ParquetShape shape, Func<ForeignField, string> value)
    {
        if (_hasPositions)
        {
            if (shape.RowNumberColumn is { } column)
            {
                throw new ForeignTableException(
                    $"The {_table.Name} has deleted rows, and a column '{column}', which stands for the numbers of rows when files are read. That is not supported. Rename the column, or have the "
                    + "engine rewrite the data files without the deleted rows.");
            }

            sql.Append(" ANTI JOIN deleted p ON p.file = f.number AND p.place = d.file_row_number");
        }

        foreach ((string table, IReadOnlyList<ForeignField> columns) in _values)
        {
            sql.Append(CultureInfo.InvariantCulture, $" ANTI JOIN {table} ON {table}.sequence > f.sequence AND (NOT {table}.is_bound OR {table}.partition = f.partition)");
            for (int i = 0; i < columns.Count; i++)
            {
                sql.Append(CultureInfo.InvariantCulture, $" AND {table}.v{i} IS NOT DISTINCT FROM {value(columns[i])}");
            }
        }
    }

    private static void AppendVectors(DuckDBConnection duck, ForeignTable table)
    {
        using DuckDBAppender appender = duck.CreateAppender("deleted");
        for (int number = 0; number < table.Files.Count; number++)
        {
            foreach (long row in table.Files[number].Deleted?.All ?? [])
            {
                appender.CreateRow().AppendValue(number).AppendValue(row).EndRow();
            }
        }
    }

    /// <summary>A deletion vector has all that was deleted from its file, so what older files say of it does not count.</summary>
    private async Task AppendPositionsAsync(DuckDBConnection duck, CancellationToken cancellationToken)
    {
        foreach (IGrouping<long, PositionDeletes> alike in _table.PositionDeletes.GroupBy(deletes => deletes.Sequence))
        {
            string files = string.Join(", ", alike.Select(deletes => ParquetFiles.File(deletes.Path)));
            await DuckDb.ExecuteAsync(
                duck,
                $"""
                INSERT INTO deleted SELECT f.number, p.pos FROM read_parquet([{files}], hive_partitioning = false) p JOIN files f
                ON f.stored = regexp_replace(p.file_path, '^file:/+', '/')
                WHERE NOT f.has_vector AND f.sequence <= {alike.Key.ToString(CultureInfo.InvariantCulture)}
                """,
                cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task AppendValuesAsync(DuckDBConnection duck, IReadOnlyList<EqualityDeletes> alike, CancellationToken cancellationToken)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"values{_values.Count}");
        IReadOnlyList<ForeignField> columns = alike[0].Columns;
        await DuckDb.ExecuteAsync(
            duck,
            $"CREATE TEMP TABLE {name} (sequence BIGINT, is_bound BOOLEAN, partition VARCHAR{string.Concat(columns.Select((column, i) => $", v{i} {column.Type.Sql}"))})",
            cancellationToken).ConfigureAwait(false);
        IReadOnlyList<ParquetShape> shapes = await ParquetShape.ReadAsync(duck, [.. alike.Select(deletes => deletes.Path)], cancellationToken).ConfigureAwait(false);
        foreach ((ParquetShape shape, int file) in shapes.SelectMany(shape => shape.Files.Select(file => (shape, file))))
        {
            EqualityDeletes deletes = alike[file];
            ColumnExpressions expressions = new(_table, deletes.Path);
            if (columns.FirstOrDefault(column => expressions.Find(shape.Columns, column) is null) is { } missing)
            {
                throw new ForeignTableException(
                    $"The {_table.Name} has the file of deletions '{deletes.Path}' without the column '{missing.Name}' that it is said to have. Restore it from a copy, or read another version.");
            }

            string values = string.Concat(columns.Select(column => $", {expressions.Of(column, shape.Columns, node => ParquetFiles.Name(node.Name))}"));
            await DuckDb.ExecuteAsync(
                duck,
                $"""
                INSERT INTO {name} SELECT {deletes.Sequence.ToString(CultureInfo.InvariantCulture)}, {(deletes.Partition is null ? "false" : "true")},
                {ParquetFiles.Text(deletes.Partition ?? "")}{values} FROM read_parquet({ParquetFiles.File(deletes.Path)}, hive_partitioning = false)
                """,
                cancellationToken).ConfigureAwait(false);
        }

        _values.Add((name, columns));
    }
}
