using DuckDB.NET.Native;
using Lambda.Events;

namespace Lambda.Store.Embedded.Vectors;

/// <summary>How column types are kept in DuckDB, all without loss.</summary>
internal static class DuckDBTypes
{
    /// <summary>
    /// The type of a column in SQL. Decimals are text because no DECIMAL(38, s) holds every <see cref="decimal"/>: 29 digits before the point and 28 after
    /// it. SQL can still cast and add them. Doubles are their bits: DuckDB finds runs and constants by comparing, compressed or not, and a DOUBLE
    /// column of 0.0 and −0.0 comes back as one of them after a checkpoint.
    /// </summary>
    public static string ColumnSql(ColumnType type) => type switch
    {
        ColumnType.Boolean => "BOOLEAN",
        ColumnType.Int32 => "INTEGER",
        ColumnType.Int64 or ColumnType.Double => "BIGINT",
        ColumnType.Int128 => "HUGEINT",
        ColumnType.Decimal or ColumnType.String => "VARCHAR",
        ColumnType.Timestamp => "TIMESTAMP",
        ColumnType.Bytes => "BLOB",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Unknown column type."),
    };

    /// <summary>The type of a vector of such values.</summary>
    public static DuckDBType Of(ColumnType type) => type switch
    {
        ColumnType.Boolean => DuckDBType.Boolean,
        ColumnType.Int32 => DuckDBType.Integer,
        ColumnType.Int64 or ColumnType.Double => DuckDBType.BigInt,
        ColumnType.Int128 => DuckDBType.HugeInt,
        ColumnType.Decimal or ColumnType.String => DuckDBType.Varchar,
        ColumnType.Timestamp => DuckDBType.Timestamp,
        ColumnType.Bytes => DuckDBType.Blob,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Unknown column type."),
    };
}
