namespace Lambda.Batch.History.Files;

/// <summary>What a column of a table holds, at rest.</summary>
internal enum FieldType
{
    Boolean,
    Integer,
    Long,
    Double,

    /// <summary>UTC microseconds.</summary>
    Timestamp,
    Date,
    String,
    Binary,

    /// <summary>
    /// A <see cref="decimal"/> as text. Neither Parquet nor Delta has a type that holds 28 digits at any scale, nor one that keeps "1.10"
    /// apart from "1.1", which an expression may tell apart.
    /// </summary>
    DecimalText,
}

/// <summary>A column of a table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">What it holds.</param>
/// <param name="IsNullable">Whether values may be null.</param>
internal sealed record TableField(string Name, FieldType Type, bool IsNullable)
{
    public override string ToString() => $"{Name} {Type}{(IsNullable ? "?" : "")}";
}
