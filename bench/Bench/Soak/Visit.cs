using Lambda.Definition;
using Lambda.Windows;

namespace Lambda.Bench.Soak;

/// <summary>A page that somebody has looked at.</summary>
public sealed record Visit(string Id, DateTime At, string Visitor, string Page, string Section, long Amount)
{
    internal const string StreamName = "visits";

    /// <summary>Windows of ten minutes of every page.</summary>
    internal const string Pages = "visits_by_page";

    /// <summary>Windows that each event is in four of.</summary>
    internal const string Sections = "visits_by_section";

    /// <summary>Sessions of visitors who come and never come back.</summary>
    internal const string Sessions = "sessions_by_visitor";

    /// <summary>Windows of a count, most of which time out.</summary>
    internal const string Funnel = "funnel_by_visitor";

    /// <summary>How many windows of <see cref="Sections"/> an event is in.</summary>
    internal const int Overlap = 4;

    internal static readonly TimeSpan OutOfOrderness = TimeSpan.FromMinutes(2);

    /// <summary>A stream with a view of each form of window, so that every kind of live state comes and goes.</summary>
    internal static Catalog Catalog(int partitions)
    {
        StreamBuilder<Visit> visits = new StreamBuilder<Visit>(StreamName)
            .EventTime(v => v.At).EventId(v => v.Id).PartitionBy(v => v.Visitor)
            .OutOfOrderness(OutOfOrderness).Partitions(partitions);
        visits.View(Pages).GroupBy(v => v.Page).Window(Tumbling.Every(TimeSpan.FromMinutes(10))).AllowedLateness(TimeSpan.FromMinutes(2))
            .Aggregate(a => new { Visits = a.Count(), Amount = a.Sum(v => v.Amount), Visitors = a.ApproxCountDistinct(v => v.Visitor) });
        visits.View(Sections).GroupBy(v => v.Section)
            .Window(Sliding.Every(slide: TimeSpan.FromMinutes(15), size: Overlap * TimeSpan.FromMinutes(15)))
            .AllowedLateness(TimeSpan.FromMinutes(2))
            .Aggregate(a => new { Visits = a.Count(), Largest = a.Max(v => v.Amount) });
        visits.View(Sessions).GroupBy(v => v.Visitor).Window(Session.WithGap(TimeSpan.FromMinutes(5)))
            .Aggregate(a => new { Visits = a.Count(), Amount = a.Sum(v => v.Amount) });
        visits.View(Funnel).GroupBy(v => v.Visitor).Window(Count.Of(8, timeout: TimeSpan.FromMinutes(10)))
            .Aggregate(a => new { Visits = a.Count(), Amount = a.Sum(v => v.Amount) });
        return Definition.Catalog.Build([visits]);
    }
}
