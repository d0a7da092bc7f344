using System.Diagnostics;
using System.Globalization;
using Lambda.Log;
using Lambda.Store;

namespace Lambda.Speed.Telemetry;

/// <summary>
/// Spans of one partition on the source <c>Lambda.Speed</c>: a root for each commit, from the first read that goes into it until the store has it, with a
/// child for every poll, decode, apply and for the commit. A commit is written while the next is being computed, so roots overlap. When nobody listens,
/// nothing is made.
/// </summary>
internal sealed class CycleTrace(string stream, int partition, TimeProvider time) : IDisposable
{
    /// <summary>The name of the source.</summary>
    public const string SourceName = "Lambda.Speed";

    private static readonly ActivitySource Source = new(SourceName);

    private readonly string _partition = partition.ToString(CultureInfo.InvariantCulture);
    private DateTimeOffset _pollStarted;
    private Activity? _cycle;

    /// <summary>A read begins.</summary>
    public void OnPoll() => _pollStarted = Source.HasListeners() ? time.GetUtcNow() : default;

    /// <summary>The read has given records, of which there is at least one; it begins a cycle if none is under way. Empty reads leave no trace.</summary>
    public void OnPolled(RecordBatch records)
    {
        if (_pollStarted == default)
        {
            return;
        }

        _cycle ??= StartCycle();
        using Activity? poll = Start("poll", ActivityKind.Client);
        poll?.SetTag("messaging.operation.type", "receive")
            .SetTag("messaging.batch.message_count", records.Count)
            .SetEndTime(time.GetUtcNow().UtcDateTime);
    }

    /// <summary>A step of the cycle that ends when it is disposed; null when nobody listens.</summary>
    public Activity? Step(string name)
    {
        _pollStarted = default;
        return Start(name, ActivityKind.Internal);
    }

    /// <summary>Hands the cycle over to the commit that ends it; null when nobody listens.</summary>
    public CommitTrace? TakeCycle(SpeedCommit commit)
    {
        if (_cycle is not { } cycle)
        {
            return null;
        }

        _cycle = null;
        cycle.SetTag("messaging.batch.message_count", commit.Tally.Accepted + commit.Tally.Quarantined)
            .SetTag("lambda.epoch", commit.Epoch)
            .SetTag("lambda.next_offset", commit.NextOffset);
        Activity? step = Source.StartActivity("commit", ActivityKind.Internal, cycle.Context);
        step?.SetTag("lambda.partials", commit.Partials.Sum(partials => partials.Count)).SetTag("lambda.epoch.sealed", commit.EpochEnd == EpochEnd.Seal);
        return new CommitTrace(cycle, step);
    }

    /// <summary>Ends a cycle that does not come to be committed.</summary>
    public void Dispose()
    {
        _cycle?.SetStatus(ActivityStatusCode.Error, "The partition's task ended before the cycle was committed.").Dispose();
        _cycle = null;
    }

    private Activity? StartCycle()
    {
        // A root of its own, and no parent of what happens to be done in the meantime.
        Activity? around = Activity.Current;
        Activity.Current = null;
        Activity? cycle = Source.StartActivity(
            ActivityKind.Consumer,
            startTime: _pollStarted,
            name: $"process {stream}",
            tags:
            [
                new("messaging.operation.name", "process"),
                new("messaging.operation.type", "process"),
                new("messaging.destination.name", stream),
                new("messaging.destination.partition.id", _partition),
            ]);
        Activity.Current = around;
        return cycle;
    }

    private Activity? Start(string name, ActivityKind kind) =>
        _cycle is { } cycle ? Source.StartActivity(kind, cycle.Context, startTime: _pollStarted, name: name) : null;
}

/// <summary>The spans of a commit that is being written, and of the cycle that it ends.</summary>
internal sealed class CommitTrace(Activity cycle, Activity? commit)
{
    /// <summary>The store has it.</summary>
    public void End()
    {
        commit?.Dispose();
        cycle.Dispose();
    }

    /// <summary>The store did not take it.</summary>
    public void Fail(Exception error)
    {
        foreach (Activity? span in (Activity?[])[commit, cycle])
        {
            span?.SetStatus(ActivityStatusCode.Error, error.Message);
            span?.AddException(error);
        }

        End();
    }
}
