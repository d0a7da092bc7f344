using Lambda.Store;
using Lambda.Time;

namespace Lambda.Batch.Jobs.Dashboard;

/// <summary>What pages have in common that show what a run has come to: checks with failing rows, and windows that changed or would.</summary>
/// <param name="title">The title.</param>
internal abstract class ResultPage(string title) : DashboardPage(title)
{
    /// <summary>The headings of the cells that <see cref="WriteChange"/> writes.</summary>
    protected static readonly string[] ChangeHeadings = ["Window (UTC)", "Key", "Served before → now", "Events"];

    /// <summary>Writes the checks of an audit, those that failed first: what a person looks for.</summary>
    protected void WriteChecks(AuditReport report)
    {
        BeginTable("Check", "Verdict", "Severity", "Measured", "Found");
        foreach (CheckResult check in report.Checks.OrderBy(check => check.Verdict == CheckVerdict.Failed ? 0 : 1))
        {
            WriteCheck(check);
        }

        EndTable();
    }

    /// <summary>Writes the cells of a window that changed or would: what is served before, what the batch layer makes of it, and why.</summary>
    protected void WriteChange(Correction change)
    {
        WriteCell($"{Time(change.WindowStart)} to {Time(change.WindowEnd)}");
        WriteLongCell(ChangedResults.DescribeKey(change.Key));
        WriteLongCell(ChangedResults.Describe(change.Before, change.After));
        WriteCell(Why(change.Reasons));
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
