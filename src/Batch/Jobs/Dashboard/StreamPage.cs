using Lambda.Definition;
using Lambda.Jobs;
using Lambda.Store;
using Lambda.Time;
using Lambda.Views;
using Microsoft.Extensions.DependencyInjection;

namespace Lambda.Batch.Jobs.Dashboard;

/// <summary>One stream: where its layers stand in each partition, its runs, what audits found, and where the batch layer corrected the speed layer.</summary>
/// <param name="name">The stream, as it was asked for.</param>
internal sealed class StreamPage(string name) : DashboardPage("Stream")
{
    private const int ShownCorrections = 20;

    protected override async Task<bool> ExecuteAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        if (services.GetRequiredService<Catalog>().FindStream(name) is not { } definition)
        {
            WriteHeading("h1", "Stream");
            WriteNote($"There is no stream '{name}'.");
            return false;
        }

        StreamOverview stream = await StreamOverview.ReadAsync(services, definition.Name, cancellationToken).ConfigureAwait(false);
        WriteHeading("h1", stream.Name);
        WriteLiteral("<p>");
        WriteButton(BatchDashboard.Command(StreamCommand.Recompute, stream.Name), "Recompute now", "primary");
        WriteButton(BatchDashboard.Command(StreamCommand.Archive, stream.Name), "Archive now", "default");
        WriteButton(BatchDashboard.Command(StreamCommand.Compact, stream.Name), "Compact history", "default");
        WriteButton(BatchDashboard.Command(StreamCommand.Vacuum, stream.Name), "Vacuum history", "default");
        WriteButton(BatchDashboard.Command(StreamCommand.Expire, stream.Name), "Expire now", "default");
        WriteLiteral("</p>");
        WriteServing(stream.Status, Now(services));
        WritePositions(stream.Positions);
        WriteRuns(stream.Runs);
        WriteAudits(stream.Audits);
        await WriteCorrectionsAsync(services.GetRequiredService<IViewStore>(), definition, cancellationToken).ConfigureAwait(false);
        return stream.Runs.Any(run => run.EndedAt is null);
    }

    private void WriteServing(StreamStatus? status, DateTimeOffset now)
    {
        if (status is null)
        {
            WriteNote("The store does not know this stream yet.");
            return;
        }

        WriteNote(status.CurrentGeneration is { } current
            ? $"Generation {current.Generation} serves since {Text(current.EndedAt ?? current.StartedAt)} UTC, {Age(now - (current.EndedAt ?? current.StartedAt))} ago."
            : "No generation serves yet; answers are the speed layer's alone.");
        WriteNote(
            $"The speed layer has taken {Text(status.Partitions.Sum(partition => partition.Accepted))} events; "
            + $"{Text(status.QuarantineCounts.Values.Sum())} records are in quarantine.");
    }

    private void WritePositions(IReadOnlyList<PartitionPosition>? positions)
    {
        WriteHeading("h3", "Offsets");
        if (positions is null)
        {
            WriteNote("Log and history cannot be read, or hold nothing of this stream yet.");
            return;
        }

        BeginTable("Partition", "Log ends at", "Speed layer is at", "History ends at", "Generation covers below", "Behind the log: speed, history, generation");
        foreach (PartitionPosition position in positions)
        {
            WriteRow(
                Text(position.Partition), Text(position.LogEnd), Text(position.Committed), Text(position.Archived), Text(position.Boundary),
                $"{Text(position.SpeedLag)}, {Text(position.ArchiveLag)}, {Text(position.BatchLag)}");
        }

        EndTable();
    }

    private void WriteRuns(IReadOnlyList<BatchRunStatus> runs)
    {
        WriteHeading("h3", "Runs");
        if (runs.Count == 0)
        {
            WriteNote("No run is known.");
            return;
        }

        BeginTable("Run", "Started (UTC)", "State", "Progress", "Message", "");
        foreach (BatchRunStatus run in runs)
        {
            WriteLiteral("<tr><td>");
            WriteLink(RunUrl(run), run.RunId);
            WriteLiteral("</td>");
            WriteCell(Text(run.StartedAt));
            WriteLiteral("<td>");
            WriteLabel(Colour(run.State), run.State.ToString());
            WriteLiteral("</td><td>");
            WriteProgress(run);
            WriteLiteral("</td>");
            WriteCell(run.Message ?? "");
            WriteLiteral("<td>");
            if (run.EndedAt is null)
            {
                WriteButton(BatchDashboard.CancelCommand(run.RunId), "Cancel", "danger");
            }

            WriteLiteral("</td></tr>");
        }

        EndTable();
    }

    private void WriteAudits(IReadOnlyList<AuditReport> audits)
    {
        WriteHeading("h3", "Quality");
        if (audits.Count == 0)
        {
            WriteNote("No generation has been audited yet.");
            return;
        }

        AuditReport last = audits[0];
        WriteLiteral("<h4>Generation ");
        Write(last.Generation);
        WriteLiteral(" ");
        WriteLabel(Colour(last.Outcome), last.Outcome.ToString());
        WriteLiteral("</h4>");
        BeginTable("Check", "Verdict", "Severity", "Measured", "Found");
        foreach (CheckResult check in last.Checks)
        {
            WriteCheck(check);
        }

        EndTable();
        if (audits.Count > 1)
        {
            WriteHeading("h4", "Earlier");
            BeginTable("Generation", "Audited (UTC)", "Outcome", "Failed checks");
            foreach (AuditReport audit in audits.Skip(1))
            {
                WriteEarlier(audit);
            }

            EndTable();
        }
    }

    private void WriteCheck(CheckResult check)
    {
        WriteLiteral("<tr>");
        WriteCell(check.Name);
        WriteLiteral("<td>");
        WriteLabel(Colour(check.Verdict), check.Verdict.ToString());
        WriteLiteral("</td>");
        WriteCell(check.Severity.ToString());
        WriteCell(Text(check.Observed));
        WriteLiteral("<td>");
        Write(check.Message);
        foreach (string row in check.SampleRows)
        {
            WriteLiteral("<pre style=\"margin: 4px 0\">");
            Write(row);
            WriteLiteral("</pre>");
        }

        WriteLiteral("</td></tr>");
    }

    private void WriteEarlier(AuditReport audit)
    {
        WriteLiteral("<tr>");
        WriteCell(Text(audit.Generation));
        WriteCell(Text(audit.AuditedAt));
        WriteLiteral("<td>");
        WriteLabel(Colour(audit.Outcome), audit.Outcome.ToString());
        WriteLiteral("</td>");
        WriteCell(string.Join(", ", audit.Checks.Where(check => check.Verdict == CheckVerdict.Failed).Select(check => check.Name)));
        WriteLiteral("</tr>");
    }

    private async Task WriteCorrectionsAsync(IViewStore store, StreamDefinition definition, CancellationToken cancellationToken)
    {
        WriteHeading("h3", "Differences between batch and speed");
        WriteNote("Windows that a publication changed, newest first: what the speed layer had served, and what the batch layer made of it.");
        foreach (ViewDefinition view in definition.Views)
        {
            IReadOnlyList<PublishedCorrection> corrections = await store.ReadCorrectionsAsync(
                view.Layout, WindowRange.All, ShownCorrections, cancellationToken).ConfigureAwait(false);
            WriteHeading("h4", view.Name);
            if (corrections.Count == 0)
            {
                WriteNote("None.");
                continue;
            }

            BeginTable("Window (UTC)", "Key", "Served before → now", "Events", "Generation");
            foreach (PublishedCorrection published in corrections)
            {
                Correction change = published.Correction;
                WriteRow(
                    $"{Time(change.WindowStart)} to {Time(change.WindowEnd)}", change.Key, ChangedResults.Describe(change.Before, change.After),
                    Why(change.Reasons), Text(published.Generation));
            }

            EndTable();
        }
    }

    private static string Time(long microseconds) => Text(UtcMicroseconds.ToDateTimeOffset(microseconds));

    private static string Why(CorrectionReasons reasons)
    {
        List<string> parts = [];
        Add(reasons.Late, "late");
        Add(reasons.Duplicates, "repeated");
        Add(reasons.Quarantined, "refused by checks");
        Add(reasons.Unexplained, "not explained");
        return string.Join(", ", parts);

        void Add(long events, string reason)
        {
            if (events != 0)
            {
                parts.Add($"{Text(events)} {reason}");
            }
        }
    }
}
