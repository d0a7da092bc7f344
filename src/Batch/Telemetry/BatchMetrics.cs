using System.Diagnostics;
using System.Diagnostics.Metrics;
using Lambda.Batch.Archive;
using Lambda.Batch.Recompute;

namespace Lambda.Batch.Telemetry;

/// <summary>The figures of the batch layer, on the meter <c>Lambda.Batch</c>.</summary>
internal sealed class BatchMetrics
{
    private readonly Counter<long> _runs;
    private readonly Counter<long> _rows;
    private readonly Counter<long> _corrections;
    private readonly Counter<long> _archived;
    private readonly Counter<long> _rejected;
    private readonly Histogram<double> _duration;

    public BatchMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create("Lambda.Batch");
        _runs = meter.CreateCounter<long>("lambda.batch.runs", "{run}", "Runs that came to an end, by outcome.");
        _rows = meter.CreateCounter<long>("lambda.batch.rows", "{event}", "Events read from history by runs.");
        _corrections = meter.CreateCounter<long>("lambda.batch.corrections", "{window}", "Windows that publications changed.");
        _archived = meter.CreateCounter<long>("lambda.batch.archived", "{event}", "Events added to the history.");
        _rejected = meter.CreateCounter<long>("lambda.batch.rejected", "{event}", "Undecodable records added to the history's quarantine.");
        _duration = meter.CreateHistogram<double>("lambda.batch.run.duration", "s", "How long a run took.");
    }

    public void OnRun(string stream, RunResult result, TimeSpan duration)
    {
        TagList tags = new() { { "lambda.stream", stream }, { "lambda.outcome", result.Outcome.ToString() } };
        _runs.Add(1, tags);
        _duration.Record(duration.TotalSeconds, tags);
        if (result.Outcome is RunOutcome.Published or RunOutcome.Blocked)
        {
            _rows.Add(result.Rows, tags);
            _corrections.Add(result.Corrections, tags);
        }
    }

    public void OnArchive(string stream, ArchiveResult result)
    {
        TagList tags = new() { { "lambda.stream", stream } };
        _archived.Add(result.Events, tags);
        _rejected.Add(result.Rejected, tags);
    }
}
