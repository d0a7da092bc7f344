namespace Lambda.Events.Json.Scanning;

/// <summary>How the value of a member is scanned.</summary>
internal enum ScanKind
{
    Boolean,
    Int32,
    Int64,
    Double,
    Decimal,
    Timestamp,
    String,

    /// <summary>A member that the schema does not know: any value but objects and arrays.</summary>
    Unknown,
}

/// <summary>How the members of flat schemas are scanned.</summary>
internal static class ScanKinds
{
    public static ScanKind Of(EventMember member) => member.Type switch
    {
        ColumnType.Boolean => ScanKind.Boolean,
        ColumnType.Int32 => ScanKind.Int32,
        ColumnType.Int64 => ScanKind.Int64,
        ColumnType.Double => ScanKind.Double,
        ColumnType.Decimal => ScanKind.Decimal,
        ColumnType.Timestamp => ScanKind.Timestamp,
        ColumnType.String => ScanKind.String,
        _ => throw new InvalidOperationException($"Member {member} has a type that events do not have."),
    };
}
