using System.Globalization;
using Hangfire.Dashboard;
using Hangfire.Dashboard.Pages;
using Lambda.Definition;
using Lambda.Jobs;
using Lambda.Store;
using Microsoft.Extensions.DependencyInjection;

namespace Lambda.Batch.Jobs.Dashboard;

/// <summary>Streams at a glance: what serves, runs with their progress, and what the last audit found. Reloads while a run is under way.</summary>
internal sealed class StreamsPage : RazorPage
{
    /// <summary>Writes the page; every value goes through <c>Write</c>, which encodes it.</summary>
    public override void Execute()
    {
        Layout = new LayoutPage("Streams");
        IServiceProvider services = Context.GetHttpContext().RequestServices;

        // Hangfire renders pages synchronously.
        IReadOnlyList<StreamOverview> streams = StreamOverview.ReadAsync(
            services.GetRequiredService<Catalog>(),
            services.GetRequiredService<IViewStore>(),
            services.GetRequiredService<IBatchRuns>(),
            Context.GetHttpContext().RequestAborted).GetAwaiter().GetResult();
        WriteLiteral("<div class=\"row\"><div class=\"col-md-12\"><h1 class=\"page-header\">Streams</h1>");
        foreach (StreamOverview stream in streams)
        {
            WriteStream(stream);
        }

        WriteLiteral("</div></div>");
        if (streams.Any(stream => stream.Runs.Any(run => run.EndedAt is null)))
        {
            WriteLiteral("<script>setTimeout(function () { location.reload(); }, 1500);</script>");
        }
    }

    private void WriteStream(StreamOverview stream)
    {
        WriteLiteral("<h2>");
        Write(stream.Name);
        WriteLiteral(" <button class=\"btn btn-sm btn-primary\" data-loading-text=\"Starting…\" data-ajax=\"");
        Write(Url.To(BatchDashboard.RunPath + stream.Name));
        WriteLiteral("\">Recompute now</button></h2><p>");
        Write(Summary(stream.Status));
        WriteLiteral("</p>");
        WriteRuns(stream.Runs);
        WriteAudit(stream.Audit);
    }

    private static string Summary(StreamStatus? status)
    {
        if (status is null)
        {
            return "The store does not know this stream yet.";
        }

        string serving = status.CurrentGeneration is { } current
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"Generation {current.Generation} serves, up to {current.Boundary}, since {current.EndedAt:yyyy-MM-dd HH:mm:ss} UTC.")
            : "No generation serves yet.";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{serving} The speed layer has taken {status.Partitions.Sum(partition => partition.Accepted):N0} events; {status.QuarantineCounts.Values.Sum():N0} records are in quarantine.");
    }

    private void WriteRuns(IReadOnlyList<BatchRunStatus> runs)
    {
        if (runs.Count == 0)
        {
            WriteLiteral("<p class=\"text-muted\">No run since this process started.</p>");
            return;
        }

        WriteLiteral("<table class=\"table\"><thead><tr><th>Run</th><th>Started</th><th>State</th><th>Progress</th><th>Message</th></tr></thead><tbody>");
        foreach (BatchRunStatus run in runs)
        {
            WriteLiteral("<tr><td><a href=\"");
            Write(Url.JobDetails(run.RunId));
            WriteLiteral("\">");
            Write(run.RunId);
            WriteLiteral("</a></td><td>");
            Write(run.StartedAt.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture));
            WriteLiteral($"</td><td><span class=\"label label-{Colour(run.State)}\">");
            Write(run.State);
            WriteLiteral("</span></td><td>");
            WriteProgress(run);
            WriteLiteral("</td><td>");
            Write(run.Message ?? "");
            WriteLiteral("</td></tr>");
        }

        WriteLiteral("</tbody></table>");
    }

    private void WriteProgress(BatchRunStatus run)
    {
        string percent = (run.Progress * 100).ToString("0", CultureInfo.InvariantCulture);
        WriteLiteral($"<div class=\"progress\" style=\"margin: 0; min-width: 12em\"><div class=\"progress-bar\" role=\"progressbar\" style=\"width: {percent}%; min-width: 3em\">");
        Write($"{percent} %");
        WriteLiteral("</div></div><small>");
        Write(run.Step);
        WriteLiteral("</small>");
    }

    private void WriteAudit(AuditReport? audit)
    {
        if (audit is null)
        {
            return;
        }

        WriteLiteral("<h3>Last audit: generation ");
        Write(audit.Generation);
        WriteLiteral($" <span class=\"label label-{(audit.Outcome == AuditOutcome.Passed ? "success" : audit.Outcome == AuditOutcome.Warned ? "warning" : "danger")}\">");
        Write(audit.Outcome);
        WriteLiteral("</span></h3><table class=\"table\"><thead><tr><th>Check</th><th>Verdict</th><th>Severity</th><th>Found</th></tr></thead><tbody>");
        foreach (CheckResult check in audit.Checks)
        {
            WriteLiteral("<tr><td>");
            Write(check.Name);
            WriteLiteral($"</td><td><span class=\"label label-{(check.Verdict == CheckVerdict.Passed ? "success" : check.Verdict == CheckVerdict.Failed ? "danger" : "default")}\">");
            Write(check.Verdict);
            WriteLiteral("</span></td><td>");
            Write(check.Severity);
            WriteLiteral("</td><td>");
            Write(check.Message);
            foreach (string row in check.SampleRows)
            {
                WriteLiteral("<pre style=\"margin: 4px 0\">");
                Write(row);
                WriteLiteral("</pre>");
            }

            WriteLiteral("</td></tr>");
        }

        WriteLiteral("</tbody></table>");
    }

    private static string Colour(BatchRunState state) => state switch
    {
        BatchRunState.Published => "success",
        BatchRunState.Blocked => "warning",
        BatchRunState.Failed => "danger",
        BatchRunState.Running => "info",
        _ => "default",
    };
}
