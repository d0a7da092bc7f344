using Lambda.Jobs;
using Lambda.Store;
using Microsoft.Extensions.DependencyInjection;

namespace Lambda.Batch.Jobs.Dashboard;

/// <summary>One run: how far it is, what it has done so far, and how it ended.</summary>
/// <param name="runId">The run.</param>
internal sealed class RunPage(string runId) : ResultPage("Run")
{
    private const int ShownChanges = 100;

    protected override Task<bool> ExecuteAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        WriteHeading("h1", "Run");
        if (services.GetRequiredService<IBatchRuns>().Find(runId) is not { } run)
        {
            WriteNote($"There is no run {runId}, or it is no longer known.");
            return Task.FromResult(false);
        }

        WriteLiteral("<p>");
        WriteLabel(Colour(run.State), run.State.ToString());
        Write($" {run.RunId} over stream ");
        WriteLink(StreamUrl(run.Stream), run.Stream);
        Write(", ");
        WriteLink(Url.JobDetails(run.RunId), "its job");
        WriteLiteral("</p>");
        if (run.Message is { } message)
        {
            WriteNote(message);
        }

        WriteLiteral("<p>");
        WriteProgress(run, Now(services));
        WriteLiteral("</p>");
        if (run.EndedAt is null)
        {
            WriteCancelButton(run);
        }
        else if (run.State is BatchRunState.Published or BatchRunState.Blocked)
        {
            WriteLink($"{StreamUrl(run.Stream)}#{QualityAnchor}", "What the audit found");
        }

        if (run.Rehearsal is { } rehearsal)
        {
            WriteRehearsal(rehearsal);
        }

        WriteHeading("h3", "Log");
        BeginTable("UTC", "What");
        foreach (RunLogLine line in run.Log)
        {
            BeginRow();
            WriteCell(Text(line.At));
            WriteLongCell(line.Text);
            EndRow();
        }

        EndTable();
        return Task.FromResult(run.EndedAt is null);
    }

    /// <summary>What nobody else tells: a run that was only to be looked at leaves nothing behind but this.</summary>
    private void WriteRehearsal(RunRehearsal rehearsal)
    {
        WriteHeading("h3", "What a publication would change");
        WriteNote(rehearsal.Changes.Count == 0
            ? "No window that is served."
            : $"{Text(rehearsal.Changed)} windows that are served{(rehearsal.Changed > ShownChanges ? $", of which these are the first {ShownChanges}" : "")}.");
        if (rehearsal.Changes.Count > 0)
        {
            BeginTable(["View", .. ChangeHeadings]);
            foreach (Correction change in rehearsal.Changes.Take(ShownChanges))
            {
                BeginRow();
                WriteCell(change.View);
                WriteChange(change);
                EndRow();
            }

            EndTable();
        }

        WriteHeading("h3", "What the audit would find");
        WriteLiteral("<p>");
        WriteLabel(Colour(rehearsal.Report.Outcome), rehearsal.Report.Outcome.ToString());
        WriteLiteral("</p>");
        WriteChecks(rehearsal.Report);
    }
}
