using ParquetSharp;

namespace Lambda.Batch.Scan;

/// <summary>What a column of instants counts since 1970-01-01T00:00:00Z.</summary>
internal enum InstantUnit
{
    Days,
    Milliseconds,
    Microseconds,
    Nanoseconds,

    /// <summary>The older form of twelve bytes.</summary>
    Int96,
}

/// <summary>Tells the unit of columns.</summary>
internal static class InstantUnits
{
    /// <summary>The unit of a column; null when it holds no instants. A time without a zone is taken as UTC.</summary>
    public static InstantUnit? Of(ColumnDescriptor column)
    {
        if (column.PhysicalType == PhysicalType.Int96)
        {
            return InstantUnit.Int96;
        }

        using LogicalType logical = column.LogicalType;
        return logical switch
        {
            DateLogicalType => InstantUnit.Days,
            TimestampLogicalType { TimeUnit: TimeUnit.Millis } => InstantUnit.Milliseconds,
            TimestampLogicalType { TimeUnit: TimeUnit.Micros } => InstantUnit.Microseconds,
            TimestampLogicalType { TimeUnit: TimeUnit.Nanos } => InstantUnit.Nanoseconds,
            _ => null,
        };
    }

    /// <summary>A value of the unit in microseconds.</summary>
    public static long ToMicroseconds(this InstantUnit unit, long value) => unit switch
    {
        InstantUnit.Days => new CoarseInstant<long>(MicrosecondsPerDay).Convert(value),
        InstantUnit.Milliseconds => new CoarseInstant<long>(MicrosecondsPerMillisecond).Convert(value),
        InstantUnit.Nanoseconds => default(NanosecondInstant).Convert(value),
        InstantUnit.Microseconds => value,
        _ => throw new ArgumentOutOfRangeException(nameof(unit), unit, "Such instants are not one number."),
    };

    public const long MicrosecondsPerDay = 86_400_000_000;
    public const long MicrosecondsPerMillisecond = 1000;
}
