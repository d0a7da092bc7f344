using DuckDB.NET.Data;

namespace Lambda.Serving.Tests.Running;

/// <summary>A reader that no one here wrote.</summary>
internal static class Duck
{
    /// <summary>The only column of a query, which is of texts.</summary>
    public static List<string> Texts(string sql)
    {
        using DuckDBConnection connection = new("DataSource=:memory:");
        connection.Open();
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = $"SET TimeZone = 'UTC'; {sql}";
        using DuckDBDataReader reader = command.ExecuteReader();
        reader.NextResult();
        List<string> texts = [];
        while (reader.Read())
        {
            texts.Add(reader.GetString(0));
        }

        return texts;
    }
}
