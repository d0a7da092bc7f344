using Lambda.Jobs;
using Microsoft.Extensions.DependencyInjection;

namespace Lambda.Batch.Jobs.Dashboard;

/// <summary>One run: how far it is, what it has done so far, and how it ended.</summary>
/// <param name="runId">The run.</param>
internal sealed class RunPage(string runId) : DashboardPage("Run")
{
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
}
