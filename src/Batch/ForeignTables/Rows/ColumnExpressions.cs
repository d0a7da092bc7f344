namespace Lambda.Batch.ForeignTables.Rows;

/// <summary>SQL that makes a table's column of what a file has: renamed, widened, without what the table has dropped, with nulls for what was added.</summary>
/// <param name="table">The table.</param>
/// <param name="file">A file, for messages.</param>
internal sealed class ColumnExpressions(ForeignTable table, string file)
{
    private static readonly string[] Integers =
        ["TINYINT", "UTINYINT", "SMALLINT", "USMALLINT", "INTEGER", "UINTEGER", "BIGINT"];

    private static readonly string[] Times =
        ["TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"];

    private int _lambdas;

    /// <summary>The node of a column; null when the file has none.</summary>
    /// <exception cref="ForeignTableException">Two nodes could be meant.</exception>
    public ParquetNode? Find(IReadOnlyList<ParquetNode> nodes, ForeignField field)
    {
        ParquetNode[] found = [.. nodes.Where(node => table.HasFieldIds ? node.Id == field.Id : node.Name == field.NameInFiles)];

        // DuckDB tells names apart regardless of case, and would give the first of them.
        return found switch
        {
            [] => null,
            [var only] when nodes.Count(node => node.Name.Equals(only.Name, StringComparison.OrdinalIgnoreCase)) == 1 => only,
            _ => throw new ForeignTableException(
                $"The {table.Name} has the file '{file}' with several columns that may be '{field.Name}', in whatever case. That is not supported. Rename one of them and write the files anew."),
        };
    }

    /// <summary>The value of a field as the table has it.</summary>
    /// <param name="field">The field.</param>
    /// <param name="nodes">What the file has where the field would be.</param>
    /// <param name="address">Makes SQL of the node.</param>
    public string Of(ForeignField field, IReadOnlyList<ParquetNode> nodes, Func<ParquetNode, string> address) =>
        Find(nodes, field) is { } node ? Convert(field, node, address(node)) : $"CAST({field.Default} AS {field.Type.Sql})";

    private string Convert(ForeignField field, ParquetNode node, string value)
    {
        if (IsSame(field.Type, node))
        {
            return value;
        }

        switch (field.Type, node.Form)
        {
            case (ForeignType.Struct of, ParquetForm.Group group):
                IEnumerable<string> fields = of.Fields.Select(inner =>
                    $"{ParquetFiles.Name(inner.Name)} := {Of(inner, group.Fields, found => $"struct_extract({value}, {ParquetFiles.Text(found.Name)})")}");
                return $"CASE WHEN {value} IS NULL THEN NULL ELSE struct_pack({string.Join(", ", fields)}) END";
            case (ForeignType.List of, ParquetForm.List list):
                string element = $"e{_lambdas++}";
                return $"list_transform({value}, lambda {element}: {Convert(of.Element, list.Element, element)})";
            case (ForeignType.Scalar to, ParquetForm.Leaf from) when Cast(from.Type, to.Name, value) is { } cast:
                return cast;
            default:
                throw new ForeignTableException(
                    $"The {table.Name} has the file '{file}', in which column '{node.Name}' is {Describe(node)}, while the table's '{field.Name}' is {field.Type}. Such a change of type is not "
                    + "supported. Write the files anew with the engine that wrote them.");
        }
    }

    /// <summary>Whether a value can be taken as it is.</summary>
    private bool IsSame(ForeignType type, ParquetNode node) => (type, node.Form) switch
    {
        (ForeignType.Scalar to, ParquetForm.Leaf from) => to.Name == from.Type,
        (ForeignType.List to, ParquetForm.List from) => IsSame(to.Element.Type, from.Element),
        (ForeignType.Struct to, ParquetForm.Group from) => to.Fields.Count == from.Fields.Count && to.Fields.Zip(from.Fields).All(pair =>
            pair.First.Name == pair.Second.Name && Find(from.Fields, pair.First) == pair.Second && IsSame(pair.First.Type, pair.Second)),
        _ => false,
    };

    /// <summary>A conversion that changes no value; null when there is none.</summary>
    private static string? Cast(string from, string to, string value) => (from, to) switch
    {
        ("BLOB", "VARCHAR") => $"decode({value})",
        ("VARCHAR", "BLOB") => $"encode({value})",
        ("JSON", "VARCHAR") or ("FLOAT", "DOUBLE") or ("DATE", "TIMESTAMP" or "TIMESTAMP WITH TIME ZONE") => $"CAST({value} AS {to})",
        _ when Array.IndexOf(Integers, from) is >= 0 and var narrow && Array.IndexOf(Integers, to) is var wide && narrow < wide => $"CAST({value} AS {to})",
        _ when from != "BIGINT" && Integers.Contains(from) && to == "DOUBLE" => $"CAST({value} AS {to})",
        _ when Integers.Contains(from) && ScaleOf(to) is not null => $"CAST({value} AS {to})",
        _ when Times.Contains(from) && Times.Contains(to) => $"CAST({value} AS {to})",
        _ when ScaleOf(from) <= ScaleOf(to) => $"CAST({value} AS {to})",
        _ => null,
    };

    /// <summary>How many digits behind the point a decimal has; null when it is none.</summary>
    private static int? ScaleOf(string type) =>
        type.StartsWith("DECIMAL(", StringComparison.Ordinal) && int.TryParse(type[(type.IndexOf(',', StringComparison.Ordinal) + 1)..^1], out int scale) ? scale : null;

    private static string Describe(ParquetNode node) => node.Form switch
    {
        ParquetForm.Leaf leaf => leaf.Type,
        ParquetForm.Group => "a struct",
        ParquetForm.List => "an array",
        _ => ((ParquetForm.Unread)node.Form).Name,
    };
}
