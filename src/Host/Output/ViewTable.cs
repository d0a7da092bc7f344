using System.Text.Json;
using Lambda.Hosting.Client;
using Lambda.Serving.Requests;
using Lambda.Views;

namespace Lambda.Hosting.Output;

/// <summary>Prints windows of a view.</summary>
internal static class ViewTable
{
    /// <summary>Prints an answer of the API: its rows, and what they are worth.</summary>
    public static void Print(Terminal terminal, ViewDefinition view, JsonElement answer)
    {
        PrintRows(terminal, view, answer);
        JsonElement rows = answer.GetProperty("rows");
        string more = answer.GetProperty("truncated").GetBoolean() ? "; there are more (--limit)" : "";
        terminal.Line($"{Figures.Of(rows.GetArrayLength(), "row", "rows")} of {view.Name}, {answer.GetProperty("layer").GetString()}{more}. {Worth(answer)}");
    }

    /// <summary>Prints the rows of an answer only.</summary>
    public static void PrintRows(Terminal terminal, ViewDefinition view, JsonElement answer)
    {
        List<TableColumn> columns =
        [
            .. view.Keys.Select(key => new TableColumn(key.Name, IsNumber: false)),
            new TableColumn("window (UTC)", IsNumber: false),
            .. view.Aggregates.Select(aggregate => new TableColumn(aggregate.Name, IsNumber: true)),
            new TableColumn("status", IsNumber: false),
        ];
        terminal.Table(columns, answer.GetProperty("rows").EnumerateArray().Select(row => Cells(view, row)));
    }

    /// <summary>The parts of a key.</summary>
    public static IEnumerable<string> Key(ViewDefinition view, JsonElement key) =>
        view.Keys.Select(part => key.GetProperty(part.Name) is { ValueKind: not JsonValueKind.Null } value ? Plain(value) : "(null)");

    private static IReadOnlyList<string> Cells(ViewDefinition view, JsonElement row) =>
    [
        .. Key(view, row.GetProperty("key")),
        Figures.Interval(row.GetProperty("windowStart"), row.GetProperty("windowEnd")),
        .. view.Aggregates.Select(aggregate => Figures.Of(row.GetProperty("values").GetProperty(aggregate.Name))),
        row.GetProperty("status").GetString() ?? "",
    ];

    // A key is a name, even if it is a number: its digits are not grouped.
    private static string Plain(JsonElement value) => value.ValueKind == JsonValueKind.Number ? value.GetRawText() : Figures.Of(value);

    private static string Worth(JsonElement answer)
    {
        List<string> facts = [answer.GetProperty("generation") is { ValueKind: JsonValueKind.Number } generation
            ? $"Generation {generation.GetInt64()}" : "No generation yet"];
        if (answer.GetProperty("quality") is { ValueKind: JsonValueKind.Object } quality)
        {
            facts.Add($"audit {quality.GetProperty("outcome").GetString()}");
        }

        if (answer.GetProperty("lag") is { ValueKind: JsonValueKind.Object } lag)
        {
            facts.Add(lag.GetProperty("events").GetInt64() is > 0 and long events ? $"{Figures.Of(events)} events behind the log" : "up to date with the log");
        }

        if (answer.GetProperty("lateEvents").GetInt64() is > 0 and long late)
        {
            // The speed layer's own answer never takes them in, even after the batch layer has.
            facts.Add(answer.GetEnum<ViewLayer>("layer") == ViewLayer.Speed
                ? $"without {Figures.Of(late, "late event", "late events")}"
                : $"{Figures.Of(late, "late event waits", "late events wait")} for the next batch run");
        }

        JsonElement completeness = answer.GetProperty("completeness");
        string reason = completeness.GetProperty("complete").GetBoolean() ? "" : $" Incomplete: {completeness.GetProperty("reason").GetString()}";
        return $"{string.Join(", ", facts)}.{reason}";
    }
}
