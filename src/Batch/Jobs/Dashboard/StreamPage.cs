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
        WriteRecomputeButton(stream.Name);
        WriteJobButton(StreamCommand.Archive, stream.Name, "Archive now");
        WriteJobButton(StreamCommand.Compact, stream.Name, "Compact history");
        WriteJobButton(StreamCommand.Vacuum, stream.Name, "Vacuum history");
        WriteJobButton(StreamCommand.Expire, stream.Name, "Expire now");
        WriteJobButton(StreamCommand.Replay, stream.Name, "Replay");
        WriteLiteral("</p>");
        WriteServing(stream.Status, Now(services));
        WritePositions(stream.Positions);
        WriteRuns(stream.Runs, Now(services));
        WriteReplays(await services.GetRequiredService<IViewStore>().ReadEditionsAsync(stream.Name, cancellationToken).ConfigureAwait(false));
        WriteAudits(stream.Audits);
        await WriteCorrectionsAsync(services.GetRequiredService<IViewStore>(), definition, cancellationToken).ConfigureAwait(false);
        return stream.Runs.Any(run => run.EndedAt is null);
    }

    private void WriteJobButton(StreamCommand command, string stream, string text) => WriteButton(
        BatchDashboard.Command(command, stream), text, "default", $"{text}: a job was asked for. Jobs, above, tells how it ends.");

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

    private void WriteRuns(IReadOnlyList<BatchRunStatus> runs, DateTimeOffset now)
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
            WriteRun(run, now);
        }

        EndTable();
    }

    private void WriteRun(BatchRunStatus run, DateTimeOffset now)
    {
        BeginRow();
        BeginCell();
        WriteLink(RunUrl(run), run.RunId);
        EndCell();
        WriteCell(Text(run.StartedAt));
        BeginCell();
        WriteLabel(Colour(run.State), run.State.ToString());
        EndCell();
        BeginCell();
        WriteProgress(run, now);
        EndCell();
        WriteLongCell(run.Message ?? "");
        BeginCell();
        if (run.EndedAt is null)
        {
            WriteCancelButton(run);
        }

        EndCell();
        EndRow();
    }

    private void WriteReplays(IReadOnlyList<EditionInfo> editions)
    {
        if (editions.Count == 0)
        {
            return;
        }

        WriteHeading("h3", "Replays");
        BeginTable("Replay", "Started (UTC)", "State", "Progress", "");
        foreach (EditionInfo edition in editions)
        {
            BeginRow();
            WriteCell(Text(edition.Edition));
            WriteCell(Text(edition.StartedAt));
            BeginCell();
            WriteLabel(Colour(edition.State), edition.State.ToString());
            EndCell();
            WriteCell(edition.IsComplete ? "complete" : $"{Text(edition.Missing)} offsets to go");
            BeginCell();
            if (edition.State != EditionState.Live)
            {
                WriteReplayButton(ReplayCommand.Promote, edition, "primary");
                WriteReplayButton(ReplayCommand.Drop, edition, "danger");
            }

            EndCell();
            EndRow();
        }

        EndTable();
    }

    private void WriteReplayButton(ReplayCommand command, EditionInfo edition, string colour) => WriteButton(
        BatchDashboard.Command(command, edition.Stream, edition.Edition),
        command.ToString(),
        colour,
        $"{command} replay {edition.Edition}: a job was asked for. Jobs, above, tells how it ends.");

    private static string Colour(EditionState state) => state switch
    {
        EditionState.Live => "success",
        EditionState.Replaying => "info",
        _ => "default",
    };

    private void WriteAudits(IReadOnlyList<AuditReport> audits)
    {
        WriteLiteral($"<a id=\"{QualityAnchor}\"></a>");
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
        if (last.Outcome == AuditOutcome.Blocked)
        {
            WriteNote("It was not published; what served before serves on.");
        }

        BeginTable("Check", "Verdict", "Severity", "Measured", "Found");

        // What a person looks for first stands first.
        foreach (CheckResult check in last.Checks.OrderBy(check => check.Verdict == CheckVerdict.Failed ? 0 : 1))
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
        BeginRow();
        WriteCell(check.Name);
        BeginCell();
        WriteLabel(Colour(check.Verdict), check.Verdict.ToString());
        EndCell();
        WriteCell(check.Severity.ToString());
        WriteCell(Text(check.Observed));
        BeginCell();
        WriteLiteral("<span class=\"batch-long\">");
        Write(check.Message);
        WriteLiteral("</span>");
        foreach (string row in check.SampleRows)
        {
            WriteLiteral("<pre>");
            Write(row);
            WriteLiteral("</pre>");
        }

        EndCell();
        EndRow();
    }

    private void WriteEarlier(AuditReport audit)
    {
        BeginRow();
        WriteCell(Text(audit.Generation));
        WriteCell(Text(audit.AuditedAt));
        BeginCell();
        WriteLabel(Colour(audit.Outcome), audit.Outcome.ToString());
        EndCell();
        WriteCell(string.Join(", ", audit.Checks.Where(check => check.Verdict == CheckVerdict.Failed).Select(check => check.Name)));
        EndRow();
    }

    private async Task WriteCorrectionsAsync(IViewStore store, StreamDefinition definition, CancellationToken cancellationToken)
    {
        WriteHeading("h3", "Differences between batch and speed");
        WriteNote(
            $"Windows that publications changed, those of the newest one first and at most {ShownCorrections} a view: what had been served, "
            + "and what the batch layer made of it.");
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
                BeginRow();
                WriteCell($"{Time(change.WindowStart)} to {Time(change.WindowEnd)}");
                WriteLongCell(ChangedResults.DescribeKey(change.Key));
                WriteLongCell(ChangedResults.Describe(change.Before, change.After));
                WriteCell(Why(change.Reasons));
                WriteCell(Text(published.Generation));
                EndRow();
            }

            EndTable();
        }
    }

    /// <summary>A window's start or end; windows at the ends of time may reach beyond the years that can be shown.</summary>
    private static string Time(long microseconds) =>
        Text(UtcMicroseconds.ToDateTimeOffset(Math.Clamp(microseconds, UtcMicroseconds.MinValue, UtcMicroseconds.MaxValue)));

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
