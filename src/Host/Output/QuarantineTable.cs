using System.Text.Json;

namespace Lambda.Hosting.Output;

/// <summary>Prints records in quarantine.</summary>
internal static class QuarantineTable
{
    private static readonly TableColumn[] Columns =
    [
        new("partition", IsNumber: true), new("offset", IsNumber: true), new("appended", IsNumber: false), new("reason", IsNumber: false), new("why", IsNumber: false),
        new("bytes", IsNumber: true), new("begins with", IsNumber: false),
    ];

    private static readonly string[] Members = ["partition", "offset", "appendedAt", "reason", "detail", "bytes", "preview"];

    /// <summary>Prints an answer of the API.</summary>
    public static void Print(Terminal terminal, JsonElement page)
    {
        JsonElement records = page.GetProperty("records");
        long total = page.GetProperty("total").GetInt64();
        string stream = page.GetProperty("stream").GetString()!;
        if (total == 0)
        {
            terminal.Line($"{stream}: no such record is in quarantine");
            return;
        }

        terminal.Heading($"{stream}: {Figures.Of(total, "record", "records")} in quarantine");
        terminal.Table(Columns, records.EnumerateArray().Select(record => (IReadOnlyList<string>)[.. Members.Select(member => Figures.Of(record.GetProperty(member)))]));
        if (records.GetArrayLength() < total)
        {
            terminal.Line($"The newest {Figures.Of(records.GetArrayLength())} of {Figures.Of(total)}; --limit shows more.");
        }
    }
}
