using Dapper;
using DuckDB.NET.Data;

namespace Lambda.Store.Embedded.Database;

/// <summary>A step of the store's layout: columns of 128 bits in the tables of a view version become two columns of 64.</summary>
internal static class SplitIntegers
{
    /// <summary>Rewrites a table that has such columns; states only, as keys have none.</summary>
    public static void In(DuckDBConnection connection, string table)
    {
        List<ColumnRow> columns = [.. connection.Query<ColumnRow>(
            """
            SELECT column_name AS Name, data_type AS Type, is_nullable AS IsNullable, column_default AS Fallback FROM duckdb_columns()
            WHERE database_name = current_database() AND schema_name = 'main' AND table_name = $table ORDER BY column_index
            """,
            new { table })];
        if (!columns.Exists(column => column.IsWide))
        {
            return;
        }

        string split = $"{table}_split";
        connection.Execute($"CREATE TABLE {split} ({string.Join(", ", columns.Select(column => column.Declaration))})");

        // As in WideIntegers: a negative low half is made up for in the high one, which begins anew beyond its greatest number.
        connection.Execute(
            $"""
            CREATE TEMP MACRO low_half(n) AS CAST((n & 9223372036854775807::HUGEINT) - (n & 9223372036854775808::HUGEINT) AS BIGINT);
            CREATE TEMP MACRO high_half(n) AS CAST(
                CASE WHEN low_half(n) >= 0 THEN n >> 64 WHEN n >> 64 = 9223372036854775807 THEN -9223372036854775808 ELSE (n >> 64) + 1 END AS BIGINT);
            INSERT INTO {split} SELECT {string.Join(", ", columns.Select(column => column.Halves))} FROM {table};
            DROP MACRO high_half;
            DROP MACRO low_half;
            DROP TABLE {table};
            ALTER TABLE {split} RENAME TO {table};
            """);
    }

    private sealed class ColumnRow
    {
        public string Name { get; init; } = "";

        public string Type { get; init; } = "";

        public bool IsNullable { get; init; }

        public string? Fallback { get; init; }

        public bool IsWide => Type == "HUGEINT";

        public string Declaration => IsWide
            ? $"{Name} BIGINT, {Name}_high BIGINT"
            : $"{Name} {Type}{(IsNullable ? "" : " NOT NULL")}{(Fallback is null ? "" : $" DEFAULT {Fallback}")}";

        public string Halves => IsWide ? $"low_half({Name}), high_half({Name})" : Name;
    }
}
