using Lambda.Log;
using Lambda.Speed.Telemetry;

namespace Lambda.Hosting.Composition;

/// <summary>
/// The log for whoever appends in a process that computes it: takes nothing where a partition stands still because the log was restored from an older copy or made anew.
/// What it took then would be acknowledged, and computed by nobody.
/// </summary>
/// <param name="log">The log, which stays open.</param>
/// <param name="board">What stands still.</param>
internal sealed class ComputedLog(IEventLog log, PartitionBoard board) : DelegatingEventLog(log)
{
    public override ValueTask AppendAsync(string stream, RecordBatch records, CancellationToken cancellationToken)
    {
        board.RequireLogOf(stream);
        return Inner.AppendAsync(stream, records, cancellationToken);
    }
}
