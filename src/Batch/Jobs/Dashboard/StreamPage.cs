using Lambda.Definition;
using Lambda.Jobs;
using Lambda.Store;
using Lambda.Views;
using Microsoft.Extensions.DependencyInjection;

namespace Lambda.Batch.Jobs.Dashboard;

/// <summary>
/// One stream: where its layers stand in each partition, its runs and generations, what audits found, and where the batch layer corrected the speed layer.
/// </summary>
/// <param name="name">The stream, as it was asked for.</param>
internal sealed class StreamPage(string name) : ResultPage("Stream")
{
    private const int ShownCorrections = 20;
    private const int ShownGenerations = 10;

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
        WriteRunButton(StreamCommand.RecomputeAll, stream.Name, "Recompute everything", "default");
        WriteRunButton(StreamCommand.Rehearse, stream.Name, "Rehearse", "default");
        WriteJobButton(StreamCommand.Archive, stream.Name, "Archive now");
        WriteJobButton(StreamCommand.Compact, stream.Name, "Compact history");
        WriteJobButton(StreamCommand.Vacuum, stream.Name, "Vacuum history");
        WriteJobButton(StreamCommand.Expire, stream.Name, "Expire now");
        WriteJobButton(StreamCommand.Replay, stream.Name, "Replay");
        WriteLiteral("</p>");
        WriteServing(stream.Status, Now(services));
        WritePositions(stream.Positions);
        WriteRuns(stream.Runs, Now(services));
        WriteGenerations(await services.GetRequiredService<IViewStore>().ReadGenerationsAsync(stream.Name, ShownGenerations, cancellationToken).ConfigureAwait(false));
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

    private void WriteGenerations(IReadOnlyList<GenerationInfo> generations)
    {
        if (generations.Count == 0)
        {
            return;
        }

        WriteHeading("h3", "Generations");
        BeginTable("Generation", "State", "Ended (UTC)", "Covers below", "Version of the history", "");
        foreach (GenerationInfo generation in generations)
        {
            BeginRow();
            WriteCell(Text(generation.Generation));
            BeginCell();
            WriteLabel(Colour(generation.State), generation.State.ToString());
            EndCell();
            WriteCell(generation.EndedAt is { } endedAt ? Text(endedAt) : "");
            WriteLongCell(generation.Boundary.ToString());
            WriteCell(Text(generation.HistoryVersion));
            BeginCell();
            if (generation.State == GenerationState.Superseded)
            {
                WriteButton(
                    BatchDashboard.RollBackCommand(generation.Stream, generation.Generation),
                    "Roll back",
                    "warning",
                    $"Rolling back to generation {generation.Generation}: a job was asked for. Jobs, above, tells how it ends.",
                    $"Generation {generation.Generation} is to serve instead of the one that does, at once and for everybody. Go on?");
            }

            EndCell();
            EndRow();
        }

        EndTable();
    }

    private static string Colour(GenerationState state) => state switch
    {
        GenerationState.Current => "success",
        GenerationState.Writing => "info",
        GenerationState.Rejected => "warning",
        _ => "default",
    };

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

        WriteChecks(last);
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

            BeginTable([.. ChangeHeadings, "Generation"]);
            foreach (PublishedCorrection published in corrections)
            {
                BeginRow();
                WriteChange(published.Correction);
                WriteCell(Text(published.Generation));
                EndRow();
            }

            EndTable();
        }
    }
}
