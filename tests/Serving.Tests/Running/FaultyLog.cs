using Lambda.Log;

namespace Lambda.Serving.Tests.Running;

/// <summary>A log that can be made to fail.</summary>
internal sealed class FaultyLog(IEventLog log) : DelegatingEventLog(log)
{
    /// <summary>Whether every call fails.</summary>
    public bool IsDown { get; set; }

    /// <summary>How many partitions somebody has added to every stream.</summary>
    public int AddedPartitions { get; set; }

    /// <summary>How often it was asked for partitions.</summary>
    public int Counted { get; private set; }

    protected override IEventLog Inner => IsDown ? throw new EventLogException("The log is down.") : base.Inner;

    public override async ValueTask<int> CountPartitionsAsync(string stream, CancellationToken cancellationToken)
    {
        Counted++;
        return await Inner.CountPartitionsAsync(stream, cancellationToken) + AddedPartitions;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.Inner.DisposeAsync();
        await base.DisposeAsync();
    }
}
