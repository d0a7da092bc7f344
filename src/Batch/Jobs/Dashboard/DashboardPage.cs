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
    /// <summary>Where a stream's page shows what audits found.</summary>
    protected const string QualityAnchor = "quality";

    private const string TimeFormat = "yyyy-MM-dd HH:mm:ss";

    // How soon the browser asks for the page again.
    private static readonly TimeSpan Live = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(5);

    private static readonly string Style = ReadResource("Page.css");
    private static readonly string Script = ReadResource("Page.js");

    /// <summary>Of the table that is being written, the headings of its columns.</summary>
    private string[] _headings = [];

    /// <summary>Of the row that is being written, the column of its next cell.</summary>
    private int _column;

    /// <summary>Writes the page. Hangfire renders pages synchronously, so what is read from the store is waited for.</summary>
    public sealed override void Execute()
    {
        Layout = new LayoutPage(title);
        WriteLiteral($"<style>{Style}</style><div id=\"batch-answer\" role=\"status\" hidden></div><div id=\"batch-page\">");
        bool isLive = ExecuteAsync(Context.GetHttpContext().RequestServices, Context.GetHttpContext().RequestAborted).GetAwaiter().GetResult();
        WriteLiteral($"<i data-refresh=\"{(isLive ? Live : Idle).TotalMilliseconds:F0}\" hidden></i></div><script>{Script}</script>");
    }

    /// <summary>Writes what is on the page.</summary>
    /// <returns>Whether a run is at work on what it shows, so that it changes from one second to the next.</returns>
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

    /// <summary>How long something took, or has been going on.</summary>
    protected static string Duration(TimeSpan duration) => duration switch
    {
        { TotalSeconds: < 10 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, duration.TotalSeconds):0.0} s"),
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:F0} s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)duration.TotalMinutes} min {duration.Seconds} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)duration.TotalHours} h {duration.Minutes} min"),
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

    /// <summary>A button that posts to a command of the dashboard.</summary>
    /// <param name="command">Where it posts to.</param>
    /// <param name="text">What is on it.</param>
    /// <param name="colour">Its colour.</param>
    /// <param name="answer">What the page says when that has been done.</param>
    /// <param name="question">What is asked before; null when it is done at once.</param>
    protected void WriteButton(string command, string text, string colour, string answer, string? question = null)
    {
        WriteLiteral($"<button type=\"button\" class=\"btn btn-sm btn-{colour}\" data-command=\"");
        Write(Url.To(command));
        WriteLiteral("\" data-answer=\"");
        Write(answer);
        if (question is not null)
        {
            WriteLiteral("\" data-question=\"");
            Write(question);
        }

        WriteLiteral("\">");
        Write(text);
        WriteLiteral("</button>");
    }

    /// <summary>A button that starts a run over a stream's new events.</summary>
    protected void WriteRecomputeButton(string stream) => WriteRunButton(StreamCommand.Recompute, stream, "Recompute now", "primary");

    /// <summary>A button that starts a run over a stream.</summary>
    protected void WriteRunButton(StreamCommand command, string stream, string text, string colour) =>
        WriteButton(BatchDashboard.Command(command, stream), text, colour, $"A run over {stream} was asked for.");

    /// <summary>A button that cancels a run.</summary>
    protected void WriteCancelButton(BatchRunStatus run) => WriteButton(
        BatchDashboard.CancelCommand(run.RunId),
        "Cancel",
        "danger",
        "The run was asked to end, which it does at its next step. Nothing that is served changes.");

    /// <summary>Begins a table.</summary>
    protected void BeginTable(params string[] headings)
    {
        _headings = headings;
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
        BeginRow();
        foreach (string cell in cells)
        {
            WriteCell(cell);
        }

        EndRow();
    }

    protected void BeginRow()
    {
        _column = 0;
        WriteLiteral("<tr>");
    }

    protected void EndRow() => WriteLiteral("</tr>");

    /// <summary>Begins the next cell of the row. It knows its heading, as cells stand below each other in a narrow window.</summary>
    protected void BeginCell()
    {
        WriteLiteral("<td data-heading=\"");
        Write(_headings[_column++]);
        WriteLiteral("\">");
    }

    protected void EndCell() => WriteLiteral("</td>");

    protected void WriteCell(string text)
    {
        BeginCell();
        Write(text);
        EndCell();
    }

    /// <summary>Writes a cell of text that may be long and without a space.</summary>
    protected void WriteLongCell(string text)
    {
        BeginCell();
        if (text.Length > 0)
        {
            WriteLiteral("<span class=\"batch-long\">");
            Write(text);
            WriteLiteral("</span>");
        }

        EndCell();
    }

    /// <summary>How far a run at work is; how long it took when it has ended.</summary>
    protected void WriteProgress(BatchRunStatus run, DateTimeOffset now)
    {
        if (run.EndedAt is { } endedAt)
        {
            Write($"ended after {Duration(endedAt - run.StartedAt)}");
            return;
        }

        string percent = (run.Progress * 100).ToString("0", CultureInfo.InvariantCulture);
        WriteLiteral($"<div class=\"progress\"><div class=\"progress-bar\" role=\"progressbar\" style=\"width: {percent}%\">");
        Write($"{percent} %");
        WriteLiteral("</div></div><small>");
        Write($"{run.Step}; {Duration(now - run.StartedAt)} so far");
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

    private static string ReadResource(string name)
    {
        using StreamReader reader = new(typeof(DashboardPage).Assembly.GetManifestResourceStream($"dashboard/{name}")!);
        return reader.ReadToEnd();
    }
}
