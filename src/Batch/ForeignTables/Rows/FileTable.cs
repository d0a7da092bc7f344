using System.Globalization;
using DuckDB.NET.Data;

namespace Lambda.Batch.ForeignTables.Rows;

/// <summary>The data files as a table <c>files</c> of DuckDB, which rows are joined with for what is known of their file.</summary>
internal sealed class FileTable
{
    /// <summary>The column that has a row's file.</summary>
    public const string PathColumn = "__lambda_file";

    private readonly Dictionary<string, string> _constants;

    private FileTable(Dictionary<string, string> constants) => _constants = constants;

    /// <summary>Makes the table.</summary>
    public static async Task<FileTable> CreateAsync(
        DuckDBConnection duck, ForeignTable table, IReadOnlyList<ForeignField> columns, CancellationToken cancellationToken)
    {
        HashSet<string> given = [.. table.Files.SelectMany(file => file.Constants.Keys)];
        string[] names =
        [
            .. columns.Concat(table.EqualityDeletes.SelectMany(deletes => deletes.Columns)).Select(column => column.NameInFiles).Where(given.Contains).Distinct(),
        ];
        await using DuckDBCommand command = duck.CreateCommand();
        command.CommandText =
            $"CREATE TEMP TABLE files (number INTEGER, path VARCHAR, stored VARCHAR, has_vector BOOLEAN, sequence BIGINT, partition VARCHAR{string.Concat(names.Select((_, i) => $", k{i} VARCHAR"))})";
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        using DuckDBAppender appender = duck.CreateAppender("files");
        for (int number = 0; number < table.Files.Count; number++)
        {
            ForeignFile file = table.Files[number];
            IDuckDBAppenderRow row = appender.CreateRow()
                .AppendValue(number).AppendValue(file.Path).AppendValue(file.StoredPath).AppendValue(file.Deleted is not null).AppendValue(file.Sequence).AppendValue(file.Partition);
            foreach (string name in names)
            {
                _ = file.Constants.GetValueOrDefault(name) is { } value ? row.AppendValue(value) : row.AppendNullValue();
            }

            row.EndRow();
        }

        return new FileTable(names.Select((name, i) => (name, i)).ToDictionary(
            entry => entry.name, entry => string.Create(CultureInfo.InvariantCulture, $"f.k{entry.i}"), StringComparer.Ordinal));
    }

    /// <summary>SQL for what all rows of a file have in a column; null when no file has such a value.</summary>
    public string? Constant(ForeignField column) => _constants.GetValueOrDefault(column.NameInFiles);
}
