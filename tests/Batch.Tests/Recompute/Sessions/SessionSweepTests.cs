using Lambda.Batch.Recompute.Sessions;
using Lambda.Batch.Tests.Support;
using Lambda.Views;
using Lambda.Views.Partials;
using Lambda.Windows;

namespace Lambda.Batch.Tests.Recompute.Sessions;

public class SessionSweepTests
{
    private static readonly ViewDefinition View = Orders.Catalog(stream => stream.View("visits")
        .GroupBy(o => o.Shop)
        .Window(Session.WithGap(TimeSpan.FromMinutes(1)))
        .Aggregate(a => new { Orders = a.Count() })).FindView("visits")!;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 60)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Each_session_comes_out_once_and_whole_wherever_time_is_cut(int seed)
    {
        Random random = new(seed);
        (int Source, string Key, int Start, int End)[] held =
        [
            .. Enumerable.Range(0, random.Next(1, 150)).Select(_ => random.Next(1000)).Select(start => (
                random.Next(3), random.Next(2) == 0 ? "a" : "b", start, start + random.Next(1, random.Next(10) == 0 ? 200 : 9))),
        ];
        long[] cuts = [.. Enumerable.Range(0, random.Next(6)).Select(_ => (long)random.Next(1000)).Distinct().Order()];
        TimeWindow[] pieces = [.. cuts.Prepend(long.MinValue).Zip(cuts.Append(long.MaxValue), (start, end) => new TimeWindow(start, end))];
        SessionSweep sweep = new(View, sources: 3);
        List<(int Source, string Key, int Start, int End)> taken = [];
        foreach (TimeWindow piece in pieces)
        {
            for (int source = 0; source < 3; source++)
            {
                PartialBatch batch = new(View.Layout);
                foreach ((_, string key, int start, int end) in held.Where(row => row.Source == source && row.Start < piece.End && row.End > piece.Start))
                {
                    ConnectedSessionsTests.SessionStore.Add(batch, key, start, end);
                }

                sweep.Add(source, batch, piece);
            }

            (int Source, string Key, int Start, int End)[] whole =
            [
                .. sweep.Take(piece.End).SelectMany((batch, source) => Enumerable.Range(0, batch.Count)
                    .Select(row => (source, (string)batch.Keys[0].GetValue(row)!, (int)batch.Starts[row], (int)batch.Ends[row]))),
            ];
            Assert.All(
                whole,
                row => Assert.DoesNotContain(
                    held.Except(whole), other => row.Key == other.Key && row.Start <= other.End && row.End >= other.Start));
            taken.AddRange(whole);
        }

        Assert.True(sweep.IsEmpty, $"seed {seed}");
        Assert.Equal(held.Order(), taken.Order());
    }
}
