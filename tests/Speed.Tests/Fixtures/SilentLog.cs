using Lambda.Log;

namespace Lambda.Speed.Tests.Fixtures;

/// <summary>A log that never says where one of its streams ends, and does not listen when it is asked to give up.</summary>
internal sealed class SilentLog(IEventLog inner, string stream) : DelegatingEventLog(inner)
{
    public override ValueTask<OffsetRange> GetOffsetsAsync(string name, int partition, CancellationToken cancellationToken) =>
        name == stream ? new(new TaskCompletionSource<OffsetRange>().Task) : Inner.GetOffsetsAsync(name, partition, cancellationToken);
}
