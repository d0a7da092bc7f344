using Lambda.Batch.ForeignTables;
using Lambda.Events;
using Lambda.Views;

namespace Lambda.Hosting.Ingest;

/// <summary>Matches columns of a table of others to the members of events, by their JSON names in any case; what no member is named after is left out.</summary>
/// <param name="table">The table.</param>
/// <param name="stream">The stream that takes the rows.</param>
internal sealed class TableColumns(ForeignTable table, StreamDefinition stream)
{
    private static readonly string[] Integers =
        ["TINYINT", "UTINYINT", "SMALLINT", "USMALLINT", "INTEGER", "UINTEGER", "BIGINT", "UBIGINT"];

    /// <summary>The columns that events take, each with its member.</summary>
    /// <exception cref="IngestException">One is missing, or does not fit.</exception>
    public IReadOnlyList<(EventMember Member, ForeignField Column)> Match() => Match(stream.Schema.Members, table.Columns, "column");

    private List<(EventMember Member, ForeignField Column)> Match(IReadOnlyList<EventMember> members, IReadOnlyList<ForeignField> fields, string kind)
    {
        List<(EventMember Member, ForeignField Column)> matched = [];
        foreach (EventMember member in members)
        {
            ForeignField[] found = [.. fields.Where(column => column.Name.Equals(member.JsonName, StringComparison.OrdinalIgnoreCase))];
            if (found.Length > 1)
            {
                throw Refuse($"has several columns that may be '{member.Path}', in whatever case. Rename one of them");
            }

            if (found is [var column])
            {
                matched.Add((member, Fit(member, column)));
            }
            else if (!member.IsNullable)
            {
                throw Refuse(
                    $"has no {kind} '{member.Path}', which every event of stream '{stream.Name}' needs. What it has is: {string.Join(", ", fields.Select(column => column.Name))}");
            }
        }

        return matched;
    }

    /// <summary>The column with only what the member takes of it.</summary>
    private ForeignField Fit(EventMember member, ForeignField column) => (member.Kind, column.Type) switch
    {
        (MemberKind.Value, ForeignType.Scalar scalar) when Fits(member, scalar.Name) => column,
        (MemberKind.Object, ForeignType.Struct of) when Match(member.Children, of.Fields, "field") is { Count: > 0 } fields =>
            column with { Type = new ForeignType.Struct([.. fields.Select(pair => pair.Column)]) },
        (MemberKind.List, ForeignType.List of) => column with { Type = new ForeignType.List(Fit(member.Element, of.Element)) },
        _ => throw Refuse(
            $"has '{member.Path}' as {column.Type}, which does not fit member '{member.Name}' ({member.TypeName}) of '{stream.Schema.EventType.Name}'. Change the member's type, or have the table's "
            + "column converted"),
    };

    private static bool Fits(EventMember member, string type) => type switch
    {
        "BOOLEAN" => member.Type == ColumnType.Boolean,
        "VARCHAR" or "UUID" => member.Type == ColumnType.String,
        "FLOAT" or "DOUBLE" => member.Type is ColumnType.Double or ColumnType.Decimal,
        "DATE" => member.Type == ColumnType.Timestamp || member.PlainType == typeof(DateOnly),
        _ when type.StartsWith("TIMESTAMP", StringComparison.Ordinal) => member.Type == ColumnType.Timestamp,
        _ when type.StartsWith("DECIMAL", StringComparison.Ordinal) => member.Type is ColumnType.Double or ColumnType.Decimal,
        _ when Integers.Contains(type) => member.Type is ColumnType.Int32 or ColumnType.Int64 or ColumnType.Double or ColumnType.Decimal,
        _ => false,
    };

    private IngestException Refuse(string why) => new($"The {table.Name}, {table.Version}, {why}. Nothing was appended.");
}
