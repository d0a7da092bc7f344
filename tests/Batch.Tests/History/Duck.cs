using DuckDB.NET.Data;

namespace Lambda.Batch.Tests.History;

/// <summary>The independent reader.</summary>
internal static class Duck
{
    /// <summary>The rows of a query.</summary>
    /// <param name="sql">The query.</param>
    /// <param name="before">A statement that is run before it.</param>
    public static List<object?[]> Query(string sql, string before = "SELECT 1")
    {
        using DuckDBConnection connection = new("DataSource=:memory:");
        connection.Open();
        using (DuckDBCommand zone = connection.CreateCommand())
        {
            zone.CommandText = $"SET TimeZone = 'UTC'; {before}";
            zone.ExecuteNonQuery();
        }

        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = sql;
        using DuckDBDataReader reader = command.ExecuteReader();
        List<object?[]> rows = [];
        while (reader.Read())
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? null : reader.GetValue(i))]);
        }

        return rows;
    }

    /// <summary>A list of files as DuckDB's read_parquet takes it.</summary>
    public static string List(IEnumerable<string> files) => $"[{string.Join(", ", files.Select(file => $"'{file.Replace("'", "''", StringComparison.Ordinal)}'"))}]";
}
