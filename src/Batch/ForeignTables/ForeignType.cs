namespace Lambda.Batch.ForeignTables;

/// <summary>The type of a column of a table of others, or of what lies in one.</summary>
internal abstract record ForeignType
{
    private ForeignType()
    {
    }

    /// <summary>The type in DuckDB's SQL.</summary>
    public abstract string Sql { get; }

    /// <summary>A plain value.</summary>
    /// <param name="Name">Its type in DuckDB's SQL.</param>
    internal sealed record Scalar(string Name) : ForeignType
    {
        public override string Sql => Name;
    }

    /// <summary>An object.</summary>
    /// <param name="Fields">What lies in it.</param>
    internal sealed record Struct(IReadOnlyList<ForeignField> Fields) : ForeignType
    {
        public override string Sql => $"STRUCT({string.Join(", ", Fields.Select(inner => $"{ParquetFiles.Name(inner.Name)} {inner.Type.Sql}"))})";
    }

    /// <summary>An array.</summary>
    /// <param name="Element">What its elements are.</param>
    internal sealed record List(ForeignField Element) : ForeignType
    {
        public override string Sql => $"{Element.Type.Sql}[]";
    }

    /// <summary>A type whose values are not read. A table may have such columns, as long as nobody asks for them.</summary>
    /// <param name="Name">The type as the table calls it.</param>
    internal sealed record Unread(string Name) : ForeignType
    {
        public override string Sql => throw new InvalidOperationException($"Values of type {Name} are not read.");
    }

    /// <summary>The type as messages name it.</summary>
    public sealed override string ToString() => this is Unread unread ? unread.Name : this is Struct ? "struct" : this is List ? "array" : Sql;
}

/// <summary>A column, a field of an object, or the element of an array.</summary>
/// <param name="Name">What the table calls it now.</param>
/// <param name="Type">What it holds.</param>
internal sealed record ForeignField(string Name, ForeignType Type)
{
    /// <summary>The number that files know it by; null when they know it by a name.</summary>
    public int? Id { get; init; }

    /// <summary>The name that files know it by.</summary>
    public string NameInFiles { get; init; } = Name;

    /// <summary>The value, as SQL, in files that are older than the column.</summary>
    public string Default { get; init; } = "NULL";
}
