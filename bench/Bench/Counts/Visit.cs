using Lambda.Definition;
using Lambda.Windows;

namespace Lambda.Bench.Counts;

/// <summary>A step of a visitor, as an event.</summary>
public sealed record Visit(string Id, DateTime At, string Visitor, long Amount)
{
    internal const string StreamName = "visits";
    internal const int Partitions = 4;

    /// <summary>A view of two steps within ten minutes.</summary>
    internal static Catalog Catalog()
    {
        StreamBuilder<Visit> visits = new StreamBuilder<Visit>(StreamName)
            .EventTime(v => v.At).EventId(v => v.Id).PartitionBy(v => v.Visitor)
            .OutOfOrderness(TimeSpan.FromMinutes(15)).Partitions(Partitions);
        visits.View("pairs")
            .GroupBy(v => v.Visitor)
            .Window(Count.Of(2, timeout: TimeSpan.FromMinutes(10)))
            .Aggregate(a => new { Visits = a.Count(), Amount = a.Sum(v => v.Amount), Most = a.Max(v => v.Amount) });
        return Definition.Catalog.Build([visits]);
    }
}
