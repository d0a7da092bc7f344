namespace Lambda.Batch;

/// <summary>Parquet files in SQL.</summary>
internal static class ParquetFiles
{
    /// <summary>A table function over files, whose columns may have been added to over time.</summary>
    public static string Table(IEnumerable<string> files) =>
        $"read_parquet([{string.Join(", ", files.Select(Text))}], union_by_name = true, hive_partitioning = false)";

    /// <summary>A string literal.</summary>
    public static string Text(string value) => $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>A column's name.</summary>
    public static string Name(string value) => $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
