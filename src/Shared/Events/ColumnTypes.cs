namespace Lambda.Events;

/// <summary>How column types and C# types correspond.</summary>
internal static class ColumnTypes
{
    /// <summary>The column type of values of a (non-nullable) C# type; null when no column can hold them.</summary>
    public static ColumnType? OfClrType(Type type) => type switch
    {
        _ when type == typeof(bool) => ColumnType.Boolean,
        _ when type == typeof(int) => ColumnType.Int32,
        _ when type == typeof(long) => ColumnType.Int64,
        _ when type == typeof(double) => ColumnType.Double,
        _ when type == typeof(decimal) => ColumnType.Decimal,
        _ when type == typeof(string) => ColumnType.String,
        _ when type == typeof(DateTime) || type == typeof(DateTimeOffset) => ColumnType.Timestamp,
        _ => null,
    };
}
