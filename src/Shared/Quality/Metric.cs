using Lambda.Events;

namespace Lambda.Quality;

/// <summary>A figure of the events that have come since the generation that serves; made by <see cref="Definition.Metrics{TEvent}"/>.</summary>
public sealed class Metric
{
    internal Metric(MetricKind kind, EventMember? member)
    {
        Kind = kind;
        Member = member;
    }

    /// <summary>What is measured, as its history is kept under: <c>mean of delay</c>.</summary>
    public string Name => Kind switch
    {
        MetricKind.Events => "number of new events",
        MetricKind.Completeness => $"completeness of {Member!.Path}",
        MetricKind.Mean => $"mean of {Member!.Path}",
        MetricKind.Minimum => $"minimum of {Member!.Path}",
        MetricKind.Maximum => $"maximum of {Member!.Path}",
        _ => $"number of values of {Member!.Path}",
    };

    internal MetricKind Kind { get; }

    /// <summary>What is measured of the events; null for <see cref="MetricKind.Events"/> alone.</summary>
    internal EventMember? Member { get; }
}

/// <summary>How a metric is measured.</summary>
internal enum MetricKind
{
    /// <summary>How many events there are.</summary>
    Events,

    /// <summary>The share of events in which a member has a value.</summary>
    Completeness,

    /// <summary>The mean of a number.</summary>
    Mean,

    /// <summary>The lowest of a number.</summary>
    Minimum,

    /// <summary>The highest of a number.</summary>
    Maximum,

    /// <summary>How many different values there are, by a sketch.</summary>
    DistinctValues,
}
