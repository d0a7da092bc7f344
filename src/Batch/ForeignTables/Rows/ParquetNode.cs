namespace Lambda.Batch.ForeignTables.Rows;

/// <summary>A column of a Parquet file, or what lies in one.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Id">The number that the table's format knows it by; null when it has none.</param>
/// <param name="Form">What it is.</param>
internal sealed record ParquetNode(string Name, int? Id, ParquetForm Form)
{
    /// <summary>The type that DuckDB gives it; null when it has a part that is not read.</summary>
    public string? Sql => Form switch
    {
        ParquetForm.Leaf leaf => leaf.Type,
        ParquetForm.List list => list.Element.Sql is { } element ? $"{element}[]" : null,
        ParquetForm.Group group => group.Fields.All(inner => inner.Sql is not null)
            ? $"STRUCT({string.Join(", ", group.Fields.Select(inner => $"{ParquetFiles.Name(inner.Name)} {inner.Sql}"))})"
            : null,
        _ => null,
    };
}

/// <summary>What a column of a Parquet file is.</summary>
internal abstract record ParquetForm
{
    private ParquetForm()
    {
    }

    /// <param name="Type">The type that DuckDB gives its values.</param>
    internal sealed record Leaf(string Type) : ParquetForm;

    /// <param name="Fields">What lies in it.</param>
    internal sealed record Group(IReadOnlyList<ParquetNode> Fields) : ParquetForm;

    /// <param name="Element">What its elements are.</param>
    internal sealed record List(ParquetNode Element) : ParquetForm;

    /// <param name="Name">What it is called: a map, say.</param>
    internal sealed record Unread(string Name) : ParquetForm;
}
