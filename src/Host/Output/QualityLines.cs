using System.Text.Json;
using Lambda.Hosting.Client;
using Lambda.Quality;
using Lambda.Store;

namespace Lambda.Hosting.Output;

/// <summary>Prints reports of audits.</summary>
internal static class QualityLines
{
    /// <summary>Prints reports of the API.</summary>
    public static void Print(Terminal terminal, string stream, JsonElement audits)
    {
        if (audits.GetArrayLength() == 0)
        {
            terminal.Line($"{stream}: no generation has been audited yet. 'batch run' writes and audits one.");
            return;
        }

        foreach (JsonElement audit in audits.EnumerateArray())
        {
            Print(terminal, audit);
        }
    }

    private static void Print(Terminal terminal, JsonElement audit)
    {
        terminal.Heading($"{audit.GetProperty("stream").GetString()}, generation {audit.GetProperty("generation").GetInt64()}: "
            + $"{audit.GetProperty("outcome").GetString()}");
        terminal.Line($"  audited {Figures.Of(audit.GetProperty("auditedAt"))}, "
            + Figures.Of(audit.GetProperty("checks").GetArrayLength(), "check", "checks"));
        foreach (JsonElement check in audit.GetProperty("checks").EnumerateArray())
        {
            Print(terminal, check, check.GetEnum<CheckVerdict>("verdict"));
        }
    }

    private static void Print(Terminal terminal, JsonElement check, CheckVerdict verdict)
    {
        string word = verdict switch
        {
            CheckVerdict.Failed => check.GetEnum<CheckSeverity>("severity") == CheckSeverity.Block ? "BLOCKS" : "warns",
            CheckVerdict.NotApplicable => "–",
            _ => "passed",
        };
        terminal.Line($"  {word,-6}  {check.GetProperty("name").GetString()}. {check.GetProperty("message").GetString()}");
        if (verdict != CheckVerdict.Failed)
        {
            return;
        }

        if (check.GetProperty("failingRows") is { ValueKind: JsonValueKind.Number } failing)
        {
            terminal.Line($"            {Figures.Of(failing.GetInt64(), "row fails", "rows fail")}{(check.GetProperty("sampleRows").GetArrayLength() > 0 ? ", such as" : "")}");
        }

        foreach (JsonElement row in check.GetProperty("sampleRows").EnumerateArray())
        {
            terminal.Line($"            {Figures.Json(row)}");
        }
    }
}
