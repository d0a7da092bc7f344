using Lambda.Jobs;
using Microsoft.Extensions.DependencyInjection;

namespace Lambda.Batch.Jobs.Dashboard;

/// <summary>One run: how far it is, what it has done so far, and how it ended.</summary>
/// <param name="runId">The run.</param>
internal sealed class RunPage(string runId) : DashboardPage("Run")
{
    protected override Task<bool> ExecuteAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        WriteHeading("h1", $"Run {runId}");
        if (services.GetRequiredService<IBatchRuns>().Find(runId) is not { } run)
        {
            WriteNote("There is no such run, or it is no longer known.");
            return Task.FromResult(false);
        }

        WriteLiteral("<p>Stream ");
        WriteLink(StreamUrl(run.Stream), run.Stream);
        WriteLiteral(" ");
        WriteLabel(Colour(run.State), run.State.ToString());
        WriteLiteral(" ");
        WriteLink(Url.JobDetails(run.RunId), "the job");
        WriteLiteral("</p>");
        if (run.Message is { } message)
        {
            WriteNote(message);
        }

        WriteProgress(run);
        if (run.EndedAt is null)
        {
            WriteLiteral("<p style=\"margin-top: 1em\">");
            WriteButton(BatchDashboard.CancelCommand(run.RunId), "Cancel", "danger");
            WriteLiteral("</p>");
        }

        WriteHeading("h3", "Log");
        BeginTable("UTC", "What");
        foreach (RunLogLine line in run.Log)
        {
            WriteRow(Text(line.At), line.Text);
        }

        EndTable();
        return Task.FromResult(run.EndedAt is null);
    }
}
