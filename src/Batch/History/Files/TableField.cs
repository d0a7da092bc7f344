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

    /// <summary>An object with columns of its own.</summary>
    Struct,

    /// <summary>An array; its one child is the element.</summary>
    List,
}

/// <summary>A column of a table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">What it holds.</param>
/// <param name="IsNullable">Whether values may be null.</param>
internal sealed record TableField(string Name, FieldType Type, bool IsNullable)
{
    /// <summary>What the element of an array is called in files and logs.</summary>
    public const string ElementName = "element";

    /// <summary>The columns of an object, or the element of an array.</summary>
    public IReadOnlyList<TableField> Children { get; init; } = [];

    /// <summary>Whether this is the other column, or it with nullable columns more.</summary>
    public bool Covers(TableField other) => Name == other.Name && Type == other.Type && IsNullable == other.IsNullable
        && other.Children.All(child => Children.FirstOrDefault(own => own.Name == child.Name)?.Covers(child) == true);

    public override string ToString() => $"{Name} {Type}{(IsNullable ? "?" : "")}";
}
