using System.Diagnostics;
using Lambda.Batch.Recompute;

namespace Lambda.Batch.Telemetry;

/// <summary>Spans of the batch layer's work, on the source <c>Lambda.Batch</c>. When nobody listens, nothing is made.</summary>
internal static class BatchTrace
{
    /// <summary>The name of the source.</summary>
    public const string SourceName = "Lambda.Batch";

    internal static readonly ActivitySource Source = new(SourceName);

    /// <summary>A piece of work on a stream, such as <c>archive</c>; ends when it is disposed, and is null when nobody listens.</summary>
    public static Activity? Start(string work, string stream) =>
        Source.StartActivity($"{work} {stream}")?.SetTag("messaging.destination.name", stream).SetTag("lambda.job", work);

    /// <summary>Marks a span as failed.</summary>
    public static void Fail(this Activity? span, Exception error) => span?.SetStatus(ActivityStatusCode.Error, error.Message).AddException(error);
}

/// <summary>The span of a run, with a child for each step that the run reports. Safe for use by several threads at once.</summary>
internal sealed class RunTrace(string stream, IProgress<RunProgress> progress) : IProgress<RunProgress>, IDisposable
{
    private readonly Lock _lock = new();
    private readonly Activity? _run = BatchTrace.Start("recompute", stream);
    private Activity? _step;
    private string? _stepName;

    /// <summary>Takes the run's reports.</summary>
    public IProgress<RunProgress> Steps => this;

    /// <summary>Passes a report on, and ends the step before it when it is of another.</summary>
    public void Report(RunProgress value)
    {
        progress.Report(value);
        if (_run is not null)
        {
            MoveTo(value.Step == RunProgress.Done.Step ? null : value.Step);
        }
    }

    /// <summary>Takes note of how the run ended.</summary>
    public void End(RunResult result) => _run?
        .SetTag("lambda.outcome", result.Outcome.ToString())
        .SetTag("lambda.generation", result.Generation)
        .SetTag("messaging.batch.message_count", result.Rows);

    /// <summary>Takes note that the run failed, in the step that it was in.</summary>
    public void Fail(Exception error)
    {
        lock (_lock)
        {
            _step.Fail(error);
        }

        _run.Fail(error);
    }

    public void Dispose()
    {
        MoveTo(null);
        _run?.Dispose();
    }

    private void MoveTo(string? step)
    {
        lock (_lock)
        {
            if (step != _stepName)
            {
                _step?.Dispose();
                _step = step is null ? null : BatchTrace.Source.StartActivity(step, ActivityKind.Internal, _run?.Context ?? default);
                _stepName = step;
            }
        }
    }
}
