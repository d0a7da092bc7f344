using Lambda.Events.Texts;

namespace Lambda.Events;

/// <summary>How column types and C# types correspond. Numbers widen to the next column type that holds all of their values.</summary>
internal static class ColumnTypes
{
    /// <summary>The column type of values of a (non-nullable) C# type; null when no column can hold them.</summary>
    public static ColumnType? OfClrType(Type type) => type switch
    {
        { IsEnum: true } => TextForm.Of(type) is null ? null : ColumnType.String,
        _ when type == typeof(DateTimeOffset) => ColumnType.Timestamp,
        _ => Type.GetTypeCode(type) switch
        {
            TypeCode.Boolean => ColumnType.Boolean,
            TypeCode.SByte or TypeCode.Byte or TypeCode.Int16 or TypeCode.UInt16 or TypeCode.Int32 => ColumnType.Int32,
            TypeCode.UInt32 or TypeCode.Int64 => ColumnType.Int64,
            TypeCode.Single or TypeCode.Double => ColumnType.Double,
            TypeCode.Decimal => ColumnType.Decimal,
            TypeCode.DateTime => ColumnType.Timestamp,
            TypeCode.String => ColumnType.String,
            _ => TextForm.Of(type) is null ? null : ColumnType.String,
        },
    };
}
