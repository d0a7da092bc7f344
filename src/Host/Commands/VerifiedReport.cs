using System.Globalization;
using System.Text.Json;
using Lambda.Batch.Recompute.Contents;
using Lambda.Hosting.Client;
using Lambda.Hosting.Output;
using Lambda.Time;

namespace Lambda.Hosting.Commands;

/// <summary>Tells whether a generation is as it was published.</summary>
internal static class VerifiedReport
{
    /// <summary>Writes it.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="answer">What the API has answered.</param>
    /// <param name="terminal">Where it goes.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> WriteAsync(string stream, JsonElement answer, Terminal terminal)
    {
        JsonElement generation = answer.GetProperty("generation");
        switch (answer.GetEnum<VerifyOutcome>("outcome"))
        {
            case VerifyOutcome.NothingPublished:
                terminal.Line($"{stream}: nothing is published yet");
                return ExitCodes.Ok;
            case VerifyOutcome.NotKnown:
                terminal.Line($"{stream}: it is not known any more what generation {generation} held when it was published; the next one of 'batch run --full' can be verified");
                return ExitCodes.Ok;
            case VerifyOutcome.AsPublished:
                terminal.Line($"{stream}: generation {generation} is as it was published; {Read(answer)}");
                return ExitCodes.Ok;
            default:
                await WriteDamagesAsync(stream, answer, terminal).ConfigureAwait(false);
                return ExitCodes.Failed;
        }
    }

    private static async Task WriteDamagesAsync(string stream, JsonElement answer, Terminal terminal)
    {
        foreach (JsonElement damage in answer.GetProperty("damages").EnumerateArray())
        {
            (long published, long found) = (PartialsOf(damage, "published"), PartialsOf(damage, "found"));
            terminal.Line(
                $"{stream}, view '{damage.GetProperty("view").GetString()}', results that begin from {DateOf(damage, "from")} to before {DateOf(damage, "to")}: "
                + (published == found
                    ? $"the store holds other ones than the {Figures.Of(found)} that were published"
                    : $"the store holds {Figures.Of(found)}, and {Figures.Of(published)} were published"));
        }

        await ErrorOutput.LineAsync(
            $"error: {stream}: generation {answer.GetProperty("generation")} is not in the store as it was published; {Read(answer)}. Have everything computed anew with "
            + "'batch run --full', and look for what has changed the store: other programs, a damaged disk, or a fault of this one.").ConfigureAwait(false);
    }

    private static string Read(JsonElement answer) => $"{Figures.Of(answer.GetProperty("partials").GetInt64(), "partial result was", "partial results were")} read";

    private static long PartialsOf(JsonElement damage, string side) => damage.GetProperty(side).GetProperty("partials").GetInt64();

    /// <summary>Of days before the first date and behind the last one, that date.</summary>
    private static string DateOf(JsonElement damage, string end) => UtcMicroseconds
        .ToDateTime(Math.Clamp(damage.GetProperty(end).GetInt64(), UtcMicroseconds.MinValue, UtcMicroseconds.MaxValue))
        .ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
