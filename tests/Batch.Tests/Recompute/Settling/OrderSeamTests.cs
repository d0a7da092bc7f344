using Lambda.Batch.History.Files;
using Lambda.Batch.Recompute;
using Lambda.Batch.Recompute.Settling;
using Lambda.Batch.Tests.Recompute.Parts;
using Lambda.Batch.Tests.Support;
using Lambda.Events;
using Lambda.Processing;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Comparing;
using Lambda.Views.Partials;
using Lambda.Views.Tables;
using Lambda.Windows;

namespace Lambda.Batch.Tests.Recompute.Settling;

/// <summary>
/// Windows of a count that are let go while dates are read are those that come of all events at once, whoever reads which date, and whenever what he has is handed over.
/// </summary>
public class OrderSeamTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 60)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Windows_let_go_early_are_those_of_all_events(int seed)
    {
        Random random = new(seed);
        RandomRuns runs = new(random);
        ViewDefinition view = View(random.Next(2, 7), TimeSpan.FromMinutes(random.Next(1, 4 * 1440)));
        Dictionary<PartialKind, PartialBatch> expected = AllAtOnce(runs, view);

        (Dictionary<PartialKind, PartialBatch> found, _) = LetGo(runs, view, random, untold: seed % 4 == 0 ? random.Next(1, 101) : 0);

        foreach (PartialKind kind in Enum.GetValues<PartialKind>())
        {
            PartsTests.Same($"seed {seed}, {kind}", Lines(expected[kind]), Lines(found[kind]));
        }
    }

    [Fact]
    public void Nothing_is_held_but_what_is_open_where_files_tell_their_offsets()
    {
        long[] told = [.. Enumerable.Range(1, 10).Select(seed => Most(seed, untold: 0))];
        long[] untold = [.. Enumerable.Range(1, 10).Select(seed => Most(seed, untold: 100))];

        Assert.True(told.Sum() < untold.Sum() / 2, $"{told.Sum()} were held, and {untold.Sum()} where no file tells its offsets.");

        static long Most(int seed, int untold)
        {
            Random random = new(seed);
            return LetGo(new RandomRuns(random), View(3, TimeSpan.FromHours(5)), random, untold).MostHeld;
        }
    }

    private static ViewDefinition View(int events, TimeSpan timeout) => Orders
        .Catalog(stream => stream.View("runs").GroupBy(o => o.Shop).Window(Count.Of(events, timeout))
            .Aggregate(a => new { Amount = a.Sum(o => o.Amount), Some = a.CollectSet(o => o.Amount, 3), Least = a.Min(o => o.Amount) }))
        .Streams[0].Views.Single(view => view.Name == "runs");

    /// <summary>What a generation holds when nothing is let go early.</summary>
    private static Dictionary<PartialKind, PartialBatch> AllAtOnce(RandomRuns runs, ViewDefinition view)
    {
        List<RandomRuns.Event> events = [.. runs.Dates.SelectMany(date => date)];
        Dictionary<PartialKind, PartialBatch> all = PartialsByKind.Kinds.ToDictionary(kind => kind, kind => RandomRuns.Of(view, kind, events));
        PartialKeys moved = new(view);
        moved.Add(all[PartialKind.Duplicate]);
        moved.Add(all[PartialKind.Quarantined]);
        all[PartialKind.AsRead] = Settled(view, [all[PartialKind.Duplicate], all[PartialKind.Quarantined], moved.Among(all[PartialKind.Kept])]);
        all[PartialKind.Kept] = Settled(view, [all[PartialKind.Kept]]);
        return all;
    }

    private static PartialBatch Settled(ViewDefinition view, IEnumerable<PartialBatch> parts)
    {
        PartialTable table = PartialTable.Create(view, new StringDictionary());
        foreach (PartialBatch part in parts)
        {
            table.Merge(part);
        }

        PartialBatch settled = new(view.Layout);
        table.ExportSettled(settled);
        return settled;
    }

    /// <summary>What a generation holds when windows are let go while several read one date after the other, and how much was held at most behind a date.</summary>
    private static (Dictionary<PartialKind, PartialBatch> Found, long MostHeld) LetGo(RandomRuns runs, ViewDefinition view, Random random, int untold)
    {
        OrderSeam seam = new(view, runs.Floors(untold), rowsAtOnce: random.Next(1, 60));
        Dictionary<PartialKind, PartialBatch> found = Enum.GetValues<PartialKind>().ToDictionary(kind => kind, _ => new PartialBatch(view.Layout));
        List<RandomRuns.Event>[] sources = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => new List<RandomRuns.Event>())];
        long[] next = [.. sources.Select(_ => long.MinValue)];
        long muchForTexts = random.Next(2) * (1L << 20);
        long most = 0;
        foreach (IGrouping<DateOnly, RandomRuns.Event> date in runs.Dates)
        {
            // Whoever takes a date has read those that he took before; he need not hand over what he has.
            int source = random.Next(sources.Length);
            if (random.Next(3) > 0)
            {
                HandOver(source, EventDate.StartOf(date.Key));
            }

            sources[source].AddRange(date);
            most = Math.Max(most, seam.Count);
        }

        foreach (int source in Enumerable.Range(0, sources.Length).OrderBy(_ => random.Next()))
        {
            HandOver(source, long.MaxValue);
        }

        Assert.Equal(0, seam.Count);
        found[PartialKind.AsRead].With(EarlierWindows.Of(view, seam.Moved.Among(found[PartialKind.Kept]), found[PartialKind.AsRead]));
        return (found, most);

        void HandOver(int source, long date)
        {
            foreach (PartialKind kind in PartialsByKind.Kinds.OrderBy(_ => random.Next()))
            {
                seam.Add(kind, RandomRuns.Of(view, kind, sources[source]));
            }

            sources[source].Clear();
            next[source] = date;
            foreach ((PartialKind kind, PartialBatch partials) in seam.Settle(next.Min(), muchForTexts, () => new PartialBatch(view.Layout)))
            {
                found[kind].With(partials);
            }
        }
    }

    private static IReadOnlyList<string> Lines(PartialBatch partials) => [.. ComputedText.Of(partials).Order(StringComparer.Ordinal)];
}
