using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Lambda.Hosting.Client;
using Lambda.Hosting.Output;
using Lambda.Jobs;
using Lambda.Store;
using Lambda.Time;

namespace Lambda.Hosting.Commands;

/// <summary>Starts a run of the batch layer and watches it to its end.</summary>
internal static class BatchRun
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);

    private const int MostChanges = 20;

    /// <summary>New events, computed and published.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static Task<int> RunAsync(ApiClient api, string stream, Terminal terminal, CancellationToken cancellationToken) =>
        RunAsync(api, stream, BatchRunOrder.Usual, terminal, cancellationToken);

    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    /// <exception cref="InterruptedException">It is not watched any more, but goes on at its server.</exception>
    public static async Task<int> RunAsync(
        ApiClient api, string stream, BatchRunOrder order, Terminal terminal, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        object body = new
        {
            stream,
            full = order.Scope == RunScope.All,
            dryRun = order.Purpose == RunPurpose.Rehearse,
            from = InstantOf(order.Range?.From),
            to = InstantOf(order.Range?.To),
        };
        JsonElement started = await api.PostAsync(ApiPaths.BatchRuns, body, cancellationToken).ConfigureAwait(false);
        string run = started.GetProperty("runId").GetString()!;
        JsonElement ended;
        try
        {
            ended = await WatchAsync(api, ApiPaths.BatchRun(run), stream, terminal, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException interruption) when (api.Elsewhere is { } server)
        {
            throw new InterruptedException($"the run of stream '{stream}' goes on at {server}, where POST {new Uri(server, ApiPaths.BatchRunCancellation(run)).AbsoluteUri} ends it", interruption);
        }

        return Report(ended, stream, Stopwatch.GetElapsedTime(start), terminal);
    }

    /// <summary>Shows how far the run is, until it has ended.</summary>
    private static Task<JsonElement> WatchAsync(ApiClient api, string path, string stream, Terminal terminal, CancellationToken cancellationToken) =>
        terminal.ProgressAsync($"batch layer over {stream}", async bar =>
        {
            using PeriodicTimer timer = new(LookInterval);
            while (true)
            {
                JsonElement status = await api.GetAsync(path, cancellationToken).ConfigureAwait(false);
                if (status.GetEnum<BatchRunState>("state") is not (BatchRunState.Queued or BatchRunState.Running))
                {
                    return status;
                }

                bar.Report(new WorkProgress(status.GetProperty("progress").GetDouble(), status.GetProperty("step").GetString() ?? ""));
                await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
            }
        });

    /// <summary>An instant in a request; null for an end of a range that was left open.</summary>
    private static string? InstantOf(long? microseconds) => microseconds is null or long.MinValue or long.MaxValue
        ? null
        : UtcMicroseconds.ToDateTime(microseconds.Value).ToString("O", CultureInfo.InvariantCulture);

    private static int Report(JsonElement ended, string stream, TimeSpan elapsed, Terminal terminal)
    {
        string message = ended.GetProperty("message").GetString() ?? "";
        switch (ended.GetEnum<BatchRunState>("state"))
        {
            case BatchRunState.Published:
                terminal.Line($"{stream}: generation {Figures.Of(ended.GetProperty("generation"))} published in {Figures.Of(elapsed)}. {message}");
                return ExitCodes.Ok;
            case BatchRunState.Rehearsed:
                terminal.Line($"{stream}: {message}");
                JsonElement rehearsal = ended.GetProperty("rehearsal");
                PrintChanges(rehearsal, terminal);
                return rehearsal.GetEnum<AuditOutcome>("outcome") == AuditOutcome.Blocked ? ExitCodes.Blocked : ExitCodes.Ok;
            case BatchRunState.Blocked:
                ErrorOutput.Line($"error: {stream}: the audit blocked the generation; what was served before stays. {message} 'quality' shows the checks.");
                return ExitCodes.Blocked;
            default:
                ErrorOutput.Line($"error: {stream}: the batch run failed; what was served before stays. {message}");
                return ExitCodes.Failed;
        }
    }

    private static void PrintChanges(JsonElement rehearsal, Terminal terminal)
    {
        foreach (JsonElement change in rehearsal.GetProperty("corrections").EnumerateArray().Take(MostChanges))
        {
            JsonElement reasons = change.GetProperty("reasons");
            terminal.Line(
                $"  {change.GetProperty("view").GetString()} {Figures.Json(change.GetProperty("key"))} from {change.GetProperty("windowStart").GetString()}: "
                + $"{Result(change.GetProperty("before"))} -> {Result(change.GetProperty("after"))} (late {reasons.GetProperty("late").GetInt64()}, "
                + $"duplicates {reasons.GetProperty("duplicates").GetInt64()}, quarantined {reasons.GetProperty("quarantined").GetInt64()})");
        }

        int corrected = rehearsal.GetProperty("corrected").GetInt32();
        if (corrected > MostChanges)
        {
            terminal.Line($"  and {corrected - MostChanges} more");
        }
    }

    private static string Result(JsonElement result) => result.ValueKind == JsonValueKind.Null ? "nothing" : Figures.Json(result);
}
