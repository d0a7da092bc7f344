using Lambda.Definition;
using Lambda.Tests.Kernel.Streams;
using Lambda.TestSupport.Oracle;
using Lambda.Views;
using Lambda.Windows;
using static Lambda.TestSupport.Oracle.OracleAggregate;

namespace Lambda.Tests.Kernel.Sessions;

/// <summary>Views of sessions, once as a user declares them and once in the oracle's plain functions.</summary>
internal static class SessionViews
{
    private const long Minute = 60_000_000;

    public static StreamDefinition Declared(TimeSpan outOfOrderness)
    {
        StreamBuilder<Reading> stream = new StreamBuilder<Reading>("readings")
            .EventTime(e => e.Time).EventId(e => e.Id).PartitionBy(e => e.Site)
            .OutOfOrderness(outOfOrderness).MaxFutureSkew(ReadingViews.FutureSkew);
        stream.View("by_unit")
            .Where(e => e.Flag)
            .GroupBy(e => e.Unit)
            .Window(Session.WithGap(TimeSpan.FromMinutes(1)))
            .Aggregate(a => new { Events = a.Count(), Total = a.Sum(e => e.Ratio), Least = a.Min(e => e.Amount), Last = a.Custom(new LastByOrdinal(), e => e.Site!) });
        stream.View("by_flag")
            .GroupBy(e => e.MaybeFlag)
            .Window(Session.WithGap(TimeSpan.FromMinutes(3)))
            .AllowedLateness(TimeSpan.FromSeconds(30))
            .Aggregate(a => new { Events = a.Count(), Mean = a.Average(e => e.Count), Greatest = a.Max(e => e.MaybePrice) });
        stream.View("everything")
            .Window(Session.WithGap(TimeSpan.FromTicks(10)))
            .AllowedLateness(TimeSpan.FromSeconds(1))
            .Aggregate(a => new { Events = a.Count(), Total = a.Sum(e => e.MaybeCount) });
        return ((IStreamBuilder)stream).Build();
    }

    public static OracleModel<Reading> Expected(TimeSpan outOfOrderness) => new()
    {
        Time = e => OracleTime.Microseconds(e.Time),
        Id = e => e.Id,
        OutOfOrderness = outOfOrderness.Ticks / 10,
        Views =
        [
            new()
            {
                Name = "by_unit",
                Filter = e => e.Flag,
                Key = e => [e.Unit],
                Windows = new OracleSessions(Minute),
                Aggregates =
                [
                    Count<Reading>(), Sum<Reading>(e => (double?)e.Ratio), Min<Reading>(e => (long?)e.Amount),
                    events => events.Select(e => e.Site).OfType<string>().Order(StringComparer.Ordinal).LastOrDefault(),
                ],
            },
            new()
            {
                Name = "by_flag",
                Key = e => [e.MaybeFlag],
                Windows = new OracleSessions(3 * Minute),
                Lateness = Minute / 2,
                Aggregates = [Count<Reading>(), Average<Reading>(e => (long?)e.Count), Max<Reading>(e => e.MaybePrice)],
            },
            new()
            {
                Name = "everything",
                Windows = new OracleSessions(1),
                Lateness = Minute / 60,
                Aggregates = [Count<Reading>(), Sum<Reading>(e => (long?)e.MaybeCount)],
            },
        ],
    };
}
