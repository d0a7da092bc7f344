using System.Text.Json;
using Lambda.Views;

namespace Lambda.Hosting.Output;

/// <summary>Prints what the layers say side by side.</summary>
internal static class ComparisonTable
{
    private static readonly (string Member, string Text)[] Words = [("late", "late"), ("duplicates", "repeated"), ("quarantined", "refused by a check")];

    /// <summary>Prints an answer of the API.</summary>
    public static void Print(Terminal terminal, ViewDefinition view, JsonElement answer)
    {
        if (!answer.GetProperty("comparable").GetBoolean())
        {
            terminal.Line($"{view.Name}: the layers cannot be compared. {answer.GetProperty("reason").GetString()}");
            return;
        }

        List<TableColumn> columns =
        [
            .. view.Keys.Select(key => new TableColumn(key.Name, IsNumber: false)),
            new TableColumn("window (UTC)", IsNumber: false),
            .. view.Aggregates.SelectMany(aggregate => (TableColumn[])
                [new TableColumn($"{aggregate.Name}: batch", IsNumber: true), new TableColumn("speed", IsNumber: true)]),
            new TableColumn("why", IsNumber: false),
        ];
        JsonElement windows = answer.GetProperty("windows");
        if (windows.GetArrayLength() > 0)
        {
            terminal.Table(columns, windows.EnumerateArray().Select(window => Cells(view, window)));
        }

        JsonElement totals = answer.GetProperty("totals");
        string more = answer.GetProperty("truncated").GetBoolean() ? " Not all are listed (--limit)." : "";
        terminal.Line(
            $"{view.Name}: {Figures.Of(totals.GetProperty("differing").GetInt64())} of {Figures.Of(totals.GetProperty("windows").GetInt64(), "window", "windows")} "
            + $"differ.{more} Batch counts {Figures.Of(totals.GetProperty("batchEvents").GetInt64())} events, speed "
            + $"{Figures.Of(totals.GetProperty("speedEvents").GetInt64())}: {Reasons(totals.GetProperty("reasons"))}.");
        long unexplained = totals.GetProperty("unexplained").GetInt64();
        terminal.Line(unexplained == 0
            ? "Conservation holds: speed accepted + late = batch kept + removed, in every window."
            : $"Conservation is BROKEN in {Figures.Of(unexplained, "window", "windows")}: differences that nothing explains. "
                + "Events that were deleted from the history leave such for CompareRetention; if none were, please report it.");
    }

    /// <summary>Why the layers differ, in words.</summary>
    public static string Reasons(JsonElement reasons)
    {
        string[] parts =
        [
            .. Words.Select(word => (word.Text, Count: reasons.GetProperty(word.Member).GetInt64()))
                .Where(reason => reason.Count > 0)
                .Select(reason => $"{Figures.Of(reason.Count)} {reason.Text}"),
        ];
        return parts.Length == 0 ? "no difference" : string.Join(", ", parts);
    }

    private static IReadOnlyList<string> Cells(ViewDefinition view, JsonElement window) =>
    [
        .. ViewTable.Key(view, window.GetProperty("key")),
        Figures.Interval(window.GetProperty("windowStart"), window.GetProperty("windowEnd")),
        .. view.Aggregates.SelectMany(aggregate => (string[])
            [Side(window.GetProperty("batch"), aggregate.Name), Side(window.GetProperty("speed"), aggregate.Name)]),
        window.GetProperty("unexplained").ValueKind == JsonValueKind.Null ? Reasons(window.GetProperty("reasons")) : "UNEXPLAINED",
    ];

    private static string Side(JsonElement layer, string aggregate) =>
        layer.ValueKind == JsonValueKind.Null ? "-" : Figures.Of(layer.GetProperty("values").GetProperty(aggregate));
}
