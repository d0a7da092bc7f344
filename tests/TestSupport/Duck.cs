using DuckDB.NET.Data;

namespace Lambda.TestSupport;

/// <summary>SQL by a DuckDB in memory, which shares no code with what is tested. Its time zone is UTC.</summary>
public static class Duck
{
    /// <summary>The rows of a query; null stands for SQL's.</summary>
    /// <param name="sql">The query.</param>
    /// <param name="before">A statement that is run before it.</param>
    public static List<object?[]> Query(string sql, string before = "SELECT 1")
    {
        using DuckDBConnection connection = new("DataSource=:memory:");
        connection.Open();
        Run(connection, $"SET TimeZone = 'UTC'; {before}");
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = sql;
        using DuckDBDataReader reader = command.ExecuteReader();
        List<object?[]> rows = [];
        while (reader.Read())
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(column => reader.IsDBNull(column) ? null : reader.GetValue(column))]);
        }

        return rows;
    }

    /// <summary>The only column of a query, which is of texts and has no null.</summary>
    public static List<string> Texts(string sql) => [.. Query(sql).Select(row => (string)row[0]!)];

    /// <summary>Runs statements.</summary>
    public static void Run(string sql)
    {
        using DuckDBConnection connection = new("DataSource=:memory:");
        connection.Open();
        Run(connection, $"SET TimeZone = 'UTC'; {sql}");
    }

    /// <summary>Files as a list in SQL, such as <c>read_parquet</c> takes.</summary>
    public static string List(IEnumerable<string> files) =>
        $"[{string.Join(", ", files.Select(file => $"'{file.Replace("'", "''", StringComparison.Ordinal)}'"))}]";

    private static void Run(DuckDBConnection connection, string sql)
    {
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
