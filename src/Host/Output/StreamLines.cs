using System.Text.Json;
using Lambda.Hosting.Client;
using Lambda.Store;

namespace Lambda.Hosting.Output;

/// <summary>Prints where a stream stands.</summary>
internal static class StreamLines
{
    /// <summary>Prints a stream of the API.</summary>
    public static void Print(Terminal terminal, JsonElement stream)
    {
        terminal.Heading(stream.GetProperty("stream").GetString()!);
        terminal.Line($"  views       {string.Join(", ", stream.GetProperty("views").EnumerateArray().Select(view => view.GetString()))}");
        terminal.Line($"  speed layer {Speed(stream)}");
        terminal.Line($"  batch layer {Batch(stream)}");
        long quarantined = stream.GetProperty("quarantined").EnumerateObject().Sum(reason => reason.Value.GetInt64());
        string reasons = string.Join(", ", stream.GetProperty("quarantined").EnumerateObject()
            .Where(reason => reason.Value.GetInt64() > 0)
            .Select(reason => $"{reason.Name} {Figures.Of(reason.Value.GetInt64())}"));
        terminal.Line($"  quarantine  {Figures.Of(quarantined, "record", "records")}{(reasons.Length > 0 ? $": {reasons}" : "")}");
        PrintLosses(terminal, stream);
    }

    private static void PrintLosses(Terminal terminal, JsonElement stream)
    {
        foreach (JsonElement gap in stream.GetProperty("gaps").EnumerateArray())
        {
            terminal.Line($"  gap         partition {gap.GetProperty("partition")} goes on without the offsets [{gap.GetProperty("start")}, {gap.GetProperty("end")}), "
                + $"as accepted {Figures.Of(gap.GetProperty("acceptedAt"))}");
        }

        foreach (JsonElement problem in stream.GetProperty("problems").EnumerateArray())
        {
            terminal.Line($"  problem     {problem.GetString()}");
        }
    }

    /// <summary>Prints the newest of a stream's audits.</summary>
    public static void PrintAudit(Terminal terminal, JsonElement audits)
    {
        if (audits.GetArrayLength() == 0)
        {
            return;
        }

        JsonElement audit = audits[0];
        terminal.Line($"  last audit  of generation {audit.GetProperty("generation").GetInt64()}: {audit.GetProperty("outcome").GetString()}, "
            + $"{Figures.Of(audit.GetProperty("checks").GetArrayLength(), "check", "checks")}");
        foreach (JsonElement check in audit.GetProperty("checks").EnumerateArray().Where(check => check.GetEnum<CheckVerdict>("verdict") == CheckVerdict.Failed))
        {
            terminal.Line($"    failed ({check.GetProperty("severity").GetString()}): {check.GetProperty("name").GetString()}. {check.GetProperty("message").GetString()}");
            foreach (JsonElement row in check.GetProperty("sampleRows").EnumerateArray().Take(3))
            {
                terminal.Line($"      {Figures.Json(row)}");
            }
        }
    }

    private static string Speed(JsonElement stream)
    {
        string lag = stream.GetProperty("lag") is { ValueKind: JsonValueKind.Object } known
            ? known.GetProperty("events").GetInt64() is > 0 and long events ? $"{Figures.Of(events)} behind the log" : "up to date"
            : "lag unknown";
        string watermark = stream.GetProperty("watermark") is { ValueKind: JsonValueKind.String } time ? Figures.Of(time) : "none yet";
        return $"{Figures.Of(stream.GetProperty("accepted").GetInt64(), "event", "events")} taken, {lag}, watermark {watermark}";
    }

    private static string Batch(JsonElement stream) => stream.GetProperty("generation") is { ValueKind: JsonValueKind.Number } generation
        ? $"generation {generation.GetInt64()} of {Figures.Of(stream.GetProperty("publishedAt"))} covers "
            + $"{Figures.Of(stream.GetProperty("boundary").EnumerateArray().Sum(offset => offset.GetInt64()), "record", "records")}"
        : "no generation yet";
}
