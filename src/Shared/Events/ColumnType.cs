namespace Lambda.Events;

/// <summary>What a column holds. Every layer, file format and store maps these types and no others.</summary>
public enum ColumnType
{
    /// <summary><see cref="bool"/>.</summary>
    Boolean,

    /// <summary><see cref="int"/>.</summary>
    Int32,

    /// <summary><see cref="long"/>.</summary>
    Int64,

    /// <summary><see cref="System.Int128"/>: exact sums of integers.</summary>
    Int128,

    /// <summary><see cref="double"/>.</summary>
    Double,

    /// <summary><see cref="decimal"/>.</summary>
    Decimal,

    /// <summary>An instant: UTC microseconds since 1970-01-01, held as <see cref="long"/>.</summary>
    Timestamp,

    /// <summary><see cref="string"/>, UTF-8 at rest.</summary>
    String,

    /// <summary>An opaque encoding, such as the state of a sketch.</summary>
    Bytes,
}
