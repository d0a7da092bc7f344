namespace Lambda.Views.Counts;

/// <summary>Which events of a stream are known while its history is read by event time: all but those that lie both behind an instant and behind some offsets.</summary>
internal sealed class KnownEvents
{
    private readonly long[] _below;

    /// <param name="until">No event that is not known is before this instant.</param>
    /// <param name="below">By partition, no event that is not known lies below this offset.</param>
    public KnownEvents(long until, long[] below)
    {
        Until = until;
        _below = below;
    }

    /// <summary>No event that is not known is before this instant; <see cref="long.MaxValue"/> when all are known.</summary>
    public long Until { get; }

    /// <summary>Whether all events are known that lie before a position in its partition. Of a partition that nothing is told of, none are until all are.</summary>
    public bool HasAllBefore(int partition, long offset) => Until == long.MaxValue || (partition < _below.Length && offset <= _below[partition]);
}
