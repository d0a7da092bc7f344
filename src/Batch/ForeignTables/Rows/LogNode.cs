using System.Text.Json;

namespace Lambda.Batch.ForeignTables.Rows;

/// <summary>Columns of records in logs, in the form of those of Parquet files, so that the same is made of both.</summary>
internal static class LogNode
{
    /// <summary>The column of a field.</summary>
    public static ParquetNode Of(ForeignField field) => new(field.Name, null, field.Type switch
    {
        ForeignType.Scalar scalar => new ParquetForm.Leaf(scalar.Name),
        ForeignType.Struct of => new ParquetForm.Group([.. of.Fields.Select(Of)]),
        ForeignType.List list => new ParquetForm.List(Of(list.Element)),
        var other => new ParquetForm.Unread(other.ToString()),
    });

    /// <summary>A column without what is not read in it; null when nothing is.</summary>
    public static ParquetNode? Readable(ParquetNode node) => node.Form switch
    {
        ParquetForm.Leaf => node,
        ParquetForm.List list => Readable(list.Element) is { } element ? node with { Form = new ParquetForm.List(element) } : null,
        ParquetForm.Group group => group.Fields.Select(Readable).OfType<ParquetNode>().ToList() is { Count: > 0 } fields ? node with { Form = new ParquetForm.Group(fields) } : null,
        _ => null,
    };

    /// <summary>The structure that DuckDB makes of JSON in which every plain value is text.</summary>
    public static string Structure(ParquetNode node) => node.Form switch
    {
        ParquetForm.Group group => $"{{{string.Join(", ", group.Fields.Select(inner => $"{Key(inner.Name)}: {Structure(inner)}"))}}}",
        ParquetForm.List list => $"[{Structure(list.Element)}]",
        _ => "\"VARCHAR\"",
    };

    /// <summary>A name in JSON.</summary>
    public static string Key(string name) => $"\"{JsonEncodedText.Encode(name)}\"";
}
