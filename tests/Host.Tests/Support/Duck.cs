using DuckDB.NET.Data;

namespace Lambda.Host.Tests.Support;

/// <summary>Asks DuckDB, which shares no code with what is tested.</summary>
internal static class Duck
{
    /// <summary>The flights of the sample.</summary>
    public static string Flights => $"read_parquet('{Path.Combine(AppContext.BaseDirectory, "data", "flights-2001-01.parquet")}')";

    public static List<object?[]> Rows(string sql)
    {
        using DuckDBConnection connection = new("Data Source=:memory:");
        connection.Open();
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = sql;
        using System.Data.Common.DbDataReader reader = command.ExecuteReader();
        List<object?[]> rows = [];
        while (reader.Read())
        {
            object[] row = new object[reader.FieldCount];
            reader.GetValues(row);
            rows.Add([.. row.Select(value => value is DBNull ? null : value)]);
        }

        return rows;
    }

    public static void Run(string sql) => Rows(sql);
}
