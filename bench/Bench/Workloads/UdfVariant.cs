using Lambda.Definition;
using Lambda.Windows;

namespace Lambda.Bench.Workloads;

/// <summary>Workload T with one part of it exchanged for code of a user.</summary>
/// <param name="View">The name of its view.</param>
/// <param name="What">What was exchanged, in words.</param>
/// <param name="Declare">Goes on with the view from its name.</param>
internal sealed record UdfVariant(string View, string What, Action<ViewBuilder<FlightRow>> Declare)
{
    /// <summary>What the others are compared with: members and built-in aggregates alone.</summary>
    public static UdfVariant BuiltIn { get; } = new(
        "members", "members and built-in aggregates", view => Statistics(view.GroupBy(f => f.Origin)));

    public static IReadOnlyList<UdfVariant> All { get; } =
    [
        BuiltIn,
        new("method", "a method over a member, in a selector", view => Hourly(view.GroupBy(f => f.Origin)).Aggregate(a => new
        {
            Flights = a.Count(),
            TotalDelay = a.Sum(f => FlightFunctions.Capped(f.Delay)),
            MeanDistance = a.Average(f => f.Distance),
            MinDelay = a.Min(f => f.Delay),
            MaxDelay = a.Max(f => f.Delay),
        })),
        new("event", "a method over the event, in a selector", view => Hourly(view.GroupBy(f => f.Origin)).Aggregate(a => new
        {
            Flights = a.Count(),
            TotalDelay = a.Sum(f => FlightFunctions.CappedDelay(f)),
            MeanDistance = a.Average(f => f.Distance),
            MinDelay = a.Min(f => f.Delay),
            MaxDelay = a.Max(f => f.Delay),
        })),
        new("aggregator", "an aggregator in place of Sum", view => Hourly(view.GroupBy(f => f.Origin)).Aggregate(a => new
        {
            Flights = a.Count(),
            TotalDelay = a.Custom(new PlainSum(), f => f.Delay),
            MeanDistance = a.Average(f => f.Distance),
            MinDelay = a.Min(f => f.Delay),
            MaxDelay = a.Max(f => f.Delay),
        })),
        new("where", "a method over a member, in Where", view => Statistics(
            view.Where(f => FlightFunctions.HasDistance(f.Distance)).GroupBy(f => f.Origin))),
        new("group", "a method that makes a text, in GroupBy", view => Statistics(view.GroupBy(f => FlightFunctions.Region(f.Origin)))),
    ];

    private static void Statistics(GroupedViewBuilder<FlightRow, string> view) => Hourly(view).Aggregate(a => new
    {
        Flights = a.Count(),
        TotalDelay = a.Sum(f => f.Delay),
        MeanDistance = a.Average(f => f.Distance),
        MinDelay = a.Min(f => f.Delay),
        MaxDelay = a.Max(f => f.Delay),
    });

    private static ViewBuilder<FlightRow> Hourly(GroupedViewBuilder<FlightRow, string> view) => view.Window(Tumbling.Every(TimeSpan.FromHours(1)));
}
