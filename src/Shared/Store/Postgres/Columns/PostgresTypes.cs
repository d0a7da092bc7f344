using Lambda.Events;
using NpgsqlTypes;

namespace Lambda.Store.Postgres.Columns;

/// <summary>How column types are kept in PostgreSQL, all without loss.</summary>
internal static class PostgresTypes
{
    /// <summary>The type of a column in SQL. Texts are compared byte by byte, as the kernel does.</summary>
    public static string ColumnSql(ColumnType type) => type switch
    {
        ColumnType.Boolean => "boolean",
        ColumnType.Int32 => "integer",
        ColumnType.Int64 => "bigint",
        ColumnType.Double => "double precision",
        ColumnType.Int128 or ColumnType.Decimal => "numeric",
        ColumnType.String => "text COLLATE \"C\"",
        ColumnType.Timestamp => "timestamptz",
        ColumnType.Bytes => "bytea",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Unknown column type."),
    };

    /// <summary>The type of a value on its way to the database.</summary>
    public static NpgsqlDbType Of(ColumnType type) => type switch
    {
        ColumnType.Boolean => NpgsqlDbType.Boolean,
        ColumnType.Int32 => NpgsqlDbType.Integer,
        ColumnType.Int64 => NpgsqlDbType.Bigint,
        ColumnType.Double => NpgsqlDbType.Double,
        ColumnType.Int128 or ColumnType.Decimal => NpgsqlDbType.Numeric,
        ColumnType.String => NpgsqlDbType.Text,
        ColumnType.Timestamp => NpgsqlDbType.TimestampTz,
        ColumnType.Bytes => NpgsqlDbType.Bytea,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Unknown column type."),
    };
}
