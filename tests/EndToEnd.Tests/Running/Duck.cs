using DuckDB.NET.Data;

namespace Lambda.EndToEnd.Tests.Running;

/// <summary>SQL over files, by a database that knows nothing of the product.</summary>
internal static class Duck
{
    public static List<object?[]> Query(string sql)
    {
        using DuckDBConnection duck = new("DataSource=:memory:");
        duck.Open();
        using DuckDBCommand command = duck.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        List<object?[]> rows = [];
        while (reader.Read())
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(column => reader.IsDBNull(column) ? null : reader.GetValue(column))]);
        }

        return rows;
    }
}
