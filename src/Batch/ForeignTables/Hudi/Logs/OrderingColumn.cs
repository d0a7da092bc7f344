using System.Globalization;
using Lambda.Batch.ForeignTables.Avro;

namespace Lambda.Batch.ForeignTables.Hudi.Logs;

/// <summary>The column whose highest value tells which change of a row counts.</summary>
/// <param name="Field">The column.</param>
/// <param name="Logical">What its numbers stand for in the table's schema; null for themselves.</param>
internal sealed record OrderingColumn(ForeignField Field, string? Logical)
{
    /// <summary>Its type in SQL.</summary>
    public string Sql => Field.Type.Sql;

    /// <summary>
    /// Whether the number 0 stands for no value in a change that deletes, as it does with integers of 32 bits: such a change is later than what is before it.
    /// </summary>
    public bool HasDefault => Sql == "INTEGER";

    /// <summary>The value of a deletion as text that a cast makes a value of the column of; null when it is of a type that does not go with the column's.</summary>
    public string? Text(OrderingKind kind, string text) => (kind, Sql) switch
    {
        (OrderingKind.Boolean, "BOOLEAN") or (OrderingKind.Int, "INTEGER" or "BIGINT") or (OrderingKind.Long, "BIGINT") or (OrderingKind.Text, "VARCHAR") or (OrderingKind.Date, "DATE") => text,
        (OrderingKind.Float, "FLOAT" or "DOUBLE") or (OrderingKind.Double, "DOUBLE") => text,
        (OrderingKind.Decimal, _) when Sql.StartsWith("DECIMAL", StringComparison.Ordinal) => text,
        (OrderingKind.Int, "DATE") => AvroTimes.Date(Number(text)),
        (OrderingKind.TimestampMicros, "TIMESTAMP" or "TIMESTAMP WITH TIME ZONE") => AvroTimes.Microseconds(Number(text)),
        (OrderingKind.Long, _) when Logical is "timestamp-micros" or "local-timestamp-micros" => AvroTimes.Microseconds(Number(text)),
        (OrderingKind.Long, _) when Logical is "timestamp-millis" or "local-timestamp-millis" => AvroTimes.Milliseconds(Number(text)),
        _ => null,
    };

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
