using Lambda.Batch.History.Files;
using Lambda.Events;

namespace Lambda.Batch.History;

/// <summary>The columns of histories.</summary>
internal static class HistorySchema
{
    public static readonly TableField Partition = new("_partition", FieldType.Integer, IsNullable: false);
    public static readonly TableField Offset = new("_offset", FieldType.Long, IsNullable: false);
    public static readonly TableField AppendedAt = new("_appended_at", FieldType.Timestamp, IsNullable: false);

    /// <summary>Members of the JSON that the event type does not have, as an object.</summary>
    public static readonly TableField Extra = new("_extra", FieldType.String, IsNullable: true);

    /// <summary>A stream's history: positions, the event's members, and the rest of its JSON.</summary>
    /// <exception cref="DefinitionException">A member has a name that no column can have.</exception>
    public static TableSchema OfEvents(string stream, EventSchema schema)
    {
        foreach (EventMember member in schema.All)
        {
            if (TableSchema.ProblemOfName(member.JsonName) is { } problem)
            {
                throw new DefinitionException(
                    $"Stream '{stream}': the JSON name '{member.JsonName}' of member '{member.Name}' {problem}, so the history cannot have a column "
                    + "of that name. Give it another one with [JsonPropertyName].");
            }
        }

        return new TableSchema([Partition, Offset, AppendedAt, .. schema.Members.Select(FieldOf), Extra]);
    }

    /// <summary>The column of a member, with those of what lies in it.</summary>
    public static TableField FieldOf(EventMember member) => new(member.JsonName, TypeOf(member), member.IsNullable)
    {
        Children = [.. member.Children.Select(FieldOf)],
    };

    /// <summary>Where the values of a plain member lie in a Parquet file: the names from the outermost group down to the column.</summary>
    public static IReadOnlyList<string> FilePathOf(EventMember member) =>
        [.. member.Ancestry.SelectMany(part => part.Kind == MemberKind.List ? [part.JsonName, "list"] : new[] { part.JsonName })];

    private static FieldType TypeOf(EventMember member) => member.Kind switch
    {
        MemberKind.Object => FieldType.Struct,
        MemberKind.List => FieldType.List,
        _ => member.Type switch
        {
            ColumnType.Boolean => FieldType.Boolean,
            ColumnType.Int32 => FieldType.Integer,
            ColumnType.Int64 => FieldType.Long,
            ColumnType.Double => FieldType.Double,
            ColumnType.Decimal => FieldType.DecimalText,
            ColumnType.Timestamp => FieldType.Timestamp,
            ColumnType.String => FieldType.String,
            _ => throw new InvalidOperationException($"Member {member} has a type that events do not have."),
        },
    };
}
