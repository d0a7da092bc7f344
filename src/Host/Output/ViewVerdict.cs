using System.Text.Json;

namespace Lambda.Hosting.Output;

/// <summary>Says in words how the layers' results for a view compare.</summary>
internal static class ViewVerdict
{
    /// <summary>Prints how many events were late, what the batch layer corrected, and whether the layers conserve events.</summary>
    /// <param name="terminal">Where to.</param>
    /// <param name="comparison">The comparison of the view, as the API gives it.</param>
    /// <returns>Whether every difference has a reason.</returns>
    public static bool Print(Terminal terminal, JsonElement comparison)
    {
        if (!comparison.GetProperty("comparable").GetBoolean())
        {
            terminal.Line($"The layers cannot be compared yet. {comparison.GetProperty("reason").GetString()}");
            return true;
        }

        JsonElement totals = comparison.GetProperty("totals");
        JsonElement reasons = totals.GetProperty("reasons");
        long Count(JsonElement of, string name) => of.GetProperty(name).GetInt64();
        long unexplained = Count(totals, "unexplained");
        terminal.Line($"Late: {Figures.Of(Count(reasons, "late"), "event", "events")} came after the speed layer had closed their windows.");
        terminal.Line($"Corrected: the batch layer counted those, took out {Figures.Of(Count(reasons, "duplicates"), "repetition", "repetitions")} and "
            + $"{Figures.Of(Count(reasons, "quarantined"), "event", "events")} that failed a check, which changed "
            + $"{Figures.Of(Count(totals, "differing"))} of {Figures.Of(Count(totals, "windows"), "window", "windows")}.");
        terminal.Line(unexplained == 0
            ? $"Conservation: holds. Speed {Figures.Of(Count(totals, "speedEvents"))} + late {Figures.Of(Count(reasons, "late"))} = batch "
                + $"{Figures.Of(Count(totals, "batchEvents"))} + removed {Figures.Of(Count(reasons, "duplicates") + Count(reasons, "quarantined"))}, in every window."
            : $"Conservation: BROKEN in {Figures.Of(unexplained, "window", "windows")}. 'compare' shows them; please report it.");
        return unexplained == 0;
    }
}
