using System.Globalization;
using Hangfire.Dashboard;
using Hangfire.Dashboard.Pages;
using Lambda.Jobs;
using Lambda.Store;
using Microsoft.Extensions.DependencyInjection;

namespace Lambda.Batch.Jobs.Dashboard;

/// <summary>What pages of the batch layer have in common. Every value goes through <c>Write</c>, which encodes it.</summary>
/// <param name="title">The title.</param>
internal abstract class DashboardPage(string title) : RazorPage
{
    private const string TimeFormat = "yyyy-MM-dd HH:mm:ss";

    /// <summary>Writes the page. Hangfire renders pages synchronously, so what is read from the store is waited for.</summary>
    public sealed override void Execute()
    {
        Layout = new LayoutPage(title);
        WriteLiteral("<div class=\"row\"><div class=\"col-md-12\">");
        bool isLive = ExecuteAsync(Context.GetHttpContext().RequestServices, Context.GetHttpContext().RequestAborted).GetAwaiter().GetResult();
        WriteLiteral("</div></div>");
        if (isLive)
        {
            WriteLiteral("<script>setTimeout(function () { location.reload(); }, 1500);</script>");
        }
    }

    /// <summary>Writes what is on the page.</summary>
    /// <returns>Whether what it shows changes by itself, so that the browser loads it again.</returns>
    protected abstract Task<bool> ExecuteAsync(IServiceProvider services, CancellationToken cancellationToken);

    /// <summary>Where this page's dashboard shows a stream.</summary>
    protected string StreamUrl(string stream) => Url.To($"{BatchDashboard.StreamsPath}/{stream}");

    /// <summary>Where this page's dashboard shows a run.</summary>
    protected string RunUrl(BatchRunStatus run) => Url.To($"{BatchDashboard.StreamsPath}/{run.Stream}/runs/{run.RunId}");

    protected static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    protected static string Text(double? number) => number?.ToString("0.####", CultureInfo.InvariantCulture) ?? "";

    protected static string Text(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>How long ago something was, in the unit that fits.</summary>
    protected static string Age(TimeSpan age) => age switch
    {
        { TotalSeconds: < 1 } => "now",
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{age.TotalSeconds:F0} s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{age.TotalMinutes:F0} min"),
        { TotalDays: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{age.TotalHours:F0} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{age.TotalDays:F0} d"),
    };

    protected static DateTimeOffset Now(IServiceProvider services) => services.GetRequiredService<TimeProvider>().GetUtcNow();

    protected void WriteHeading(string level, string text)
    {
        WriteLiteral($"<{level}{(level == "h1" ? " class=\"page-header\"" : "")}>");
        Write(text);
        WriteLiteral($"</{level}>");
    }

    protected void WriteNote(string text)
    {
        WriteLiteral("<p class=\"text-muted\">");
        Write(text);
        WriteLiteral("</p>");
    }

    protected void WriteLink(string url, string text)
    {
        WriteLiteral("<a href=\"");
        Write(url);
        WriteLiteral("\">");
        Write(text);
        WriteLiteral("</a>");
    }

    protected void WriteLabel(string colour, string text)
    {
        WriteLiteral($"<span class=\"label label-{colour}\">");
        Write(text);
        WriteLiteral("</span>");
    }

    /// <summary>A button that posts to a command of the dashboard, and loads the page again when that has been done.</summary>
    protected void WriteButton(string command, string text, string colour)
    {
        WriteLiteral($"<button class=\"btn btn-sm btn-{colour}\" style=\"margin-right: 6px\" data-loading-text=\"Asking…\" data-ajax=\"");
        Write(Url.To(command));
        WriteLiteral("\">");
        Write(text);
        WriteLiteral("</button>");
    }

    /// <summary>Begins a table.</summary>
    protected void BeginTable(params ReadOnlySpan<string> headings)
    {
        WriteLiteral("<div class=\"table-responsive\"><table class=\"table\"><thead><tr>");
        foreach (string heading in headings)
        {
            WriteLiteral("<th>");
            Write(heading);
            WriteLiteral("</th>");
        }

        WriteLiteral("</tr></thead><tbody>");
    }

    protected void EndTable() => WriteLiteral("</tbody></table></div>");

    /// <summary>Writes a row of plain cells.</summary>
    protected void WriteRow(params ReadOnlySpan<string> cells)
    {
        WriteLiteral("<tr>");
        foreach (string cell in cells)
        {
            WriteCell(cell);
        }

        WriteLiteral("</tr>");
    }

    protected void WriteCell(string text)
    {
        WriteLiteral("<td>");
        Write(text);
        WriteLiteral("</td>");
    }

    protected void WriteProgress(BatchRunStatus run)
    {
        string percent = (run.Progress * 100).ToString("0", CultureInfo.InvariantCulture);
        WriteLiteral($"<div class=\"progress\" style=\"margin: 0; min-width: 12em\"><div class=\"progress-bar\" role=\"progressbar\" style=\"width: {percent}%; min-width: 3em\">");
        Write($"{percent} %");
        WriteLiteral("</div></div><small>");
        Write(run.Step);
        WriteLiteral("</small>");
    }

    protected static string Colour(BatchRunState state) => state switch
    {
        BatchRunState.Published => "success",
        BatchRunState.Blocked => "warning",
        BatchRunState.Failed => "danger",
        BatchRunState.Running or BatchRunState.Rehearsed => "info",
        _ => "default",
    };

    protected static string Colour(AuditOutcome outcome) => outcome switch
    {
        AuditOutcome.Passed => "success",
        AuditOutcome.Warned => "warning",
        _ => "danger",
    };

    protected static string Colour(CheckVerdict verdict) => verdict switch
    {
        CheckVerdict.Passed => "success",
        CheckVerdict.Failed => "danger",
        _ => "default",
    };
}
