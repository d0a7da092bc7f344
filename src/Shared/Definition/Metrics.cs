using System.Linq.Expressions;
using Lambda.Quality;

namespace Lambda.Definition;

/// <summary>
/// What can be measured of the events that have come since the generation that serves, less repetitions and events that row checks refused. Of all events
/// ever there would be little to see: the new ones drown in the old.
/// </summary>
/// <typeparam name="TEvent">The event type.</typeparam>
public sealed class Metrics<TEvent>
{
    private readonly CheckedMembers _members;

    internal Metrics(CheckedMembers members) => _members = members;

    /// <summary>How many there are.</summary>
    public Metric Events() => new(MetricKind.Events, null);

    /// <summary>The share of them, between 0 and 1, in which a member has a value.</summary>
    public Metric Completeness<TValue>(Expression<Func<TEvent, TValue>> member) => new(MetricKind.Completeness, _members.Any(member, nameof(Completeness)));

    /// <summary>The mean of a number; nulls aside.</summary>
    public Metric Mean<TValue>(Expression<Func<TEvent, TValue>> member) => new(MetricKind.Mean, _members.Number(member, nameof(Mean)));

    /// <summary>The lowest of a number; nulls aside.</summary>
    public Metric Minimum<TValue>(Expression<Func<TEvent, TValue>> member) => new(MetricKind.Minimum, _members.Number(member, nameof(Minimum)));

    /// <summary>The highest of a number; nulls aside.</summary>
    public Metric Maximum<TValue>(Expression<Func<TEvent, TValue>> member) => new(MetricKind.Maximum, _members.Number(member, nameof(Maximum)));

    /// <summary>About how many different values a member has; nulls aside.</summary>
    public Metric DistinctValues<TValue>(Expression<Func<TEvent, TValue>> member) =>
        new(MetricKind.DistinctValues, _members.Plain(member, nameof(DistinctValues)));
}
