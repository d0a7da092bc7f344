using System.Data.Common;
using System.Runtime.CompilerServices;
using DuckDB.NET.Data;

namespace Lambda.Batch;

/// <summary>Parquet files in SQL.</summary>
internal static class ParquetFiles
{
    /// <summary>A table function over files, whose columns may have been added to over time.</summary>
    public static string Table(IEnumerable<string> files) =>
        $"read_parquet([{string.Join(", ", files.Select(File))}], union_by_name = true, hive_partitioning = false)";

    /// <summary>
    /// A table function over files with columns that are known; those that a file lacks are null in it. No file is opened before it is read and none stays open, where telling the columns
    /// by the files themselves has the footers of all in memory: 60 KB each.
    /// </summary>
    public static string Table(IEnumerable<string> files, IEnumerable<(string Name, string Type)> columns)
    {
        string schema = string.Join(
            ", ", columns.Select(column => $"{Text(column.Name)}: {{name: {Text(column.Name)}, type: {Text(column.Type)}, default_value: NULL}}"));
        return $"read_parquet([{string.Join(", ", files.Select(File))}], schema = MAP {{{schema}}}, hive_partitioning = false)";
    }

    /// <summary>
    /// A DuckDB of its own that files are read by. Each is read once, so DuckDB need not keep what it has read, as it does otherwise, up to its limit of memory.
    /// </summary>
    public const string ConnectionString = "DataSource=:memory:;enable_external_file_cache=false";

    /// <summary>Rows of files; the reader given is the same each time, on its next row.</summary>
    public static async IAsyncEnumerable<DbDataReader> QueryAsync(
        string columns, IReadOnlyList<string> files, string condition, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (files.Count == 0)
        {
            yield break;
        }

        await using DuckDBConnection duck = new(ConnectionString);
        await duck.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using DuckDBCommand command = duck.CreateCommand();
        command.UseStreamingMode = true;
        command.CommandText = $"SELECT {columns} FROM {Table(files)} WHERE {condition}";
        await using DbDataReader reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return reader;
        }
    }

    /// <summary>A string literal.</summary>
    public static string Text(string value) => $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>A literal for a file, which is read alone: DuckDB takes paths for patterns, and reads what else is called as one says.</summary>
    public static string File(string path) => Text(string.Concat(path.Select(letter => letter is '*' or '?' or '[' ? $"[{letter}]" : letter.ToString())));

    /// <summary>A column's name.</summary>
    public static string Name(string value) => $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
