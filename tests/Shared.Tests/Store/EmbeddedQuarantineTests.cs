using DuckDB.NET.Data;
using Lambda.Store.Embedded.Database;
using Lambda.Store.Embedded.Streams;
using Xunit;

namespace Lambda.Tests.Store;

/// <summary>How the embedded store keeps refused records; what it keeps is the contract's to say.</summary>
public sealed class EmbeddedQuarantineTests
{
    // Joined by an OR, a thousand refused records took DuckDB four seconds when a million were kept: it compared each with all.
    [Fact]
    public void Refused_records_are_not_compared_one_by_one_with_those_that_are_kept()
    {
        using DuckDBConnection connection = new("DataSource=:memory:");
        connection.Open();
        Migrations.Apply(connection, ":memory:");
        Execute(connection, QuarantineTable.CreateStageSql);
        Execute(connection, "INSERT INTO quarantine SELECT 'rides', 0, range, 'speed', 0, 'Malformed', '', '', '' FROM range(10000)");
        Execute(connection, "INSERT INTO stage_quarantine SELECT 'rides', 0, range, 'batch', 0, 'WrongType', '', '', '' FROM range(5000, 15000)");

        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = $"EXPLAIN {QuarantineTable.AddStagedSql}";
        using DuckDBDataReader plan = command.ExecuteReader();
        Assert.True(plan.Read());
        string text = plan.GetString(1);

        Assert.Contains("HASH_JOIN", text, StringComparison.Ordinal);
        Assert.DoesNotContain("NL_JOIN", text, StringComparison.Ordinal);
        Assert.DoesNotContain("NESTED_LOOP", text, StringComparison.Ordinal);
    }

    private static void Execute(DuckDBConnection connection, string sql)
    {
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
