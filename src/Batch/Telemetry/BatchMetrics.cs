using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Lambda.Batch.Archive;
using Lambda.Batch.Recompute;
using Lambda.Store;

namespace Lambda.Batch.Telemetry;

/// <summary>
/// The figures of the batch layer, on the meter <c>Lambda.Batch</c>; <c>docs/telemetry.md</c> says what each means. The layer tells it what happens.
/// </summary>
internal sealed class BatchMetrics
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Lambda.Batch";

    /// <summary>Bounds of the buckets, in seconds.</summary>
    private static readonly InstrumentAdvice<double> WorkBuckets = new()
    {
        HistogramBucketBoundaries = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600],
    };

    private readonly TimeProvider _time;
    private readonly Counter<long> _runs;
    private readonly Counter<long> _audits;
    private readonly Counter<long> _rows;
    private readonly Counter<long> _corrections;
    private readonly Counter<long> _archived;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _failures;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _archiveDuration;

    /// <param name="meters">Makes the meter.</param>
    /// <param name="time">The clock; the system's when it is null.</param>
    public BatchMetrics(IMeterFactory meters, TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        Meter = meters.Create(MeterName);
        _runs = Meter.CreateCounter<long>("lambda.batch.runs", "{run}", "Runs that came to an end, by outcome.");
        _audits = Meter.CreateCounter<long>("lambda.batch.audits", "{audit}", "Generations that were audited, by outcome.");
        _rows = Meter.CreateCounter<long>("lambda.batch.rows", "{event}", "Events read from history by runs.");
        _corrections = Meter.CreateCounter<long>("lambda.batch.corrections", "{window}", "Windows that publications changed.");
        _archived = Meter.CreateCounter<long>("lambda.batch.archived", "{event}", "Events added to the history.");
        _rejected = Meter.CreateCounter<long>("lambda.batch.rejected", "{event}", "Undecodable records added to the history's quarantine.");
        _failures = Meter.CreateCounter<long>("lambda.batch.failures", "{failure}", "Pieces of work that failed, by kind.");
        _duration = Meter.CreateHistogram<double>("lambda.batch.run.duration", "s",
            "How long a run took.", advice: WorkBuckets);
        _archiveDuration = Meter.CreateHistogram<double>("lambda.batch.archive.duration", "s",
            "How long it took to archive what stood in a log.", advice: WorkBuckets);
        Meter.CreateObservableGauge("lambda.batch.generation.age", MeasureAges, "s", "For how long the current generation has been serving.");
    }

    /// <summary>The meter.</summary>
    public Meter Meter { get; }

    /// <summary>How the last work on each stream ended.</summary>
    public BatchBoard Board { get; } = new();

    /// <summary>A run came to an end.</summary>
    public void OnRun(string stream, RunResult result, TimeSpan duration)
    {
        TagList tags = Tags(stream, "lambda.outcome", Word(result.Outcome));
        _runs.Add(1, tags);
        _duration.Record(duration.TotalSeconds, tags);
        if (result.Outcome is RunOutcome.Published or RunOutcome.Blocked)
        {
            _rows.Add(result.Rows, tags);
            _corrections.Add(result.Corrections, tags);
            _audits.Add(result.Report is null ? 0 : 1, Tags(stream, "lambda.outcome", Word(result.Report?.Outcome ?? AuditOutcome.Passed)));
            Board.Update(stream, work => work with
            {
                RunError = null,
                Blocked = result.Outcome == RunOutcome.Blocked ? result.Message : null,
                PublishedAt = result.Outcome == RunOutcome.Published ? _time.GetUtcNow() : work.PublishedAt,
            });
        }
        else if (result.Outcome == RunOutcome.UpToDate)
        {
            // One that found another at work, or only looked at what would come, shows nothing of whether runs succeed.
            Board.Update(stream, work => work with { RunError = null });
        }
    }

    /// <summary>A run failed; what is served has not changed.</summary>
    public void OnRunFailed(string stream, Exception error)
    {
        Fail(stream, "recompute");
        Board.Update(stream, work => work with { RunError = error.Message });
    }

    /// <summary>The generation that serves is known.</summary>
    public void OnCurrent(string stream, GenerationInfo? generation) =>
        Board.Update(stream, work => work with { PublishedAt = generation?.EndedAt });

    /// <summary>A log was archived as far as was asked.</summary>
    public void OnArchive(string stream, ArchiveResult result, TimeSpan duration)
    {
        TagList tags = Tags(stream);
        _archived.Add(result.Events, tags);
        _rejected.Add(result.Rejected, tags);
        _archiveDuration.Record(duration.TotalSeconds, tags);
        Board.Update(stream, work => work with { ArchiveError = null });
    }

    /// <summary>A log could not be archived.</summary>
    public void OnArchiveFailed(string stream, Exception error)
    {
        Fail(stream, "archive");
        Board.Update(stream, work => work with { ArchiveError = error.Message });
    }

    /// <summary>Work of another kind failed; it is done at its next time.</summary>
    public void OnJobFailed(string stream, string job) => Fail(stream, job);

    private void Fail(string stream, string job) => _failures.Add(1, Tags(stream, "lambda.job", job));

    private IEnumerable<Measurement<double>> MeasureAges() =>
        from stream in Board.Streams
        where stream.Value.PublishedAt is not null
        select new Measurement<double>(
            Math.Max(0, (_time.GetUtcNow() - stream.Value.PublishedAt!.Value).TotalSeconds), new KeyValuePair<string, object?>("lambda.stream", stream.Key));

    private static string Word<T>(T outcome)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(outcome.ToString());

    private static TagList Tags(string stream) => new() { { "lambda.stream", stream } };

    private static TagList Tags(string stream, string name, string value) => new() { { "lambda.stream", stream }, { name, value } };
}
