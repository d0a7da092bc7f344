using Lambda.Processing;
using Lambda.Tests.Kernel.Definition;
using Lambda.Tests.Kernel.Streams;
using Lambda.Views;
using Lambda.Views.Composing;
using Lambda.Views.Partials;
using Lambda.Views.Plans;
using Lambda.Windows;

namespace Lambda.Tests.Kernel.Windows;

/// <summary>What two layers have of the same events, to be compared.</summary>
internal static class TwoLayers
{
    /// <summary>A view with windows of a form.</summary>
    public static StreamDefinition Define(WindowSpec windows, TimeSpan lateness) => Evaluation.Define(
        view => view.GroupBy(e => e.Site).Window(windows).AllowedLateness(lateness)
            .Aggregate(a => new { Events = a.Count(), Amount = a.Sum(e => e.Amount), Ratio = a.Average(e => e.Ratio), Units = a.CountDistinct(e => e.Unit) }),
        stream => stream.PartitionBy(e => e.Site).OutOfOrderness(TimeSpan.FromMinutes(3)).MaxFutureSkew(ReadingViews.FutureSkew));

    /// <summary>Partials of the same events, once of several epochs and with events refused, once of one computation that refuses none.</summary>
    public static (PartialBatch Speed, PartialBatch Batch) Compute(StreamDefinition stream, DateTime? era, Random random, int seed)
    {
        StreamPlan plan = new(stream);
        var log = new RandomReadings(seed) { Era = era }.Next(partitions: random.Next(1, 4), records: random.Next(1, 80));
        KernelRun speed = new(plan, random);
        KernelRun batch = new(plan, random, withLateness: false) { EpochEvery = 0 };
        foreach (IReadOnlyList<RandomRecord> partition in log)
        {
            speed.Process(partition);
            batch.Process(partition);
        }

        return (speed.Partials(0), batch.Partials(0));
    }

    /// <summary>What a layer has that removed all events that any window refused.</summary>
    public static PartialBatch TakenByAll(PartialBatch partials) => Where(partials, row => partials.Missed[row] == 0);

    /// <summary>All but some partials.</summary>
    public static PartialBatch Without(PartialBatch partials, int count, Random random)
    {
        HashSet<int> left = [.. Enumerable.Range(0, count).Select(_ => random.Next(Math.Max(1, partials.Count)))];
        return Where(partials, row => !left.Contains(row));
    }

    /// <summary>The windows that partials make up, by address.</summary>
    public static Dictionary<WindowAddress, WindowRow> Compose(ViewDefinition view, PartialBatch partials, PartialSelection selection)
    {
        WindowComposer composer = new(view);
        composer.Add(composer.AddSource(selection, SourceRole.Result), partials);
        return composer.Compose(TimeWindow.All).ToDictionary(row => row.Address);
    }

    /// <summary>Whether two windows have other events or results.</summary>
    public static bool Differ(WindowRow? one, WindowRow? other) => one?.EventCount != other?.EventCount || !ResultComparison.AreSame(one, other);

    private static PartialBatch Where(PartialBatch partials, Func<int, bool> isWanted)
    {
        PartialBatch rest = new(partials.Layout);
        for (int row = 0; row < partials.Count; row++)
        {
            if (isWanted(row))
            {
                rest.AddFrom(partials, row);
            }
        }

        return rest;
    }
}
