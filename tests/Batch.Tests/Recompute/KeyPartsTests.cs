using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Recompute.Sessions;
using Lambda.Batch.Tests.Support;
using Lambda.Views;
using Lambda.Views.Partials;
using Lambda.Windows;

namespace Lambda.Batch.Tests.Recompute;

public class KeyPartsTests
{
    private static readonly ViewDefinition View = Orders.Catalog(stream => stream.View("visits")
        .GroupBy(o => o.Shop)
        .Window(Session.WithGap(TimeSpan.FromMinutes(1)))
        .Aggregate(a => new { Orders = a.Count() })).FindView("visits")!;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(40)]
    public void All_comes_out_by_source_and_no_key_in_two_parts(int parts)
    {
        string[] keys = [.. Enumerable.Range(0, 20).Select(i => $"shop {i}")];
        KeyParts collected = new(View, sources: 2, parts);
        for (int batch = 0; batch < 4; batch++)
        {
            PartialBatch partials = new(View.Layout);
            for (int i = 0; i < keys.Length; i++)
            {
                ConnectedSessionsTests.SessionStore.Add(partials, keys[(i * 7) % keys.Length], batch, batch + 1);
            }

            collected.Add(batch % 2, partials);
        }

        List<(int Part, int Source, string Key, long Start)> taken =
        [
            .. collected.Take().SelectMany((sources, part) => sources.SelectMany((batch, source) => Enumerable.Range(0, batch.Count)
                .Select(row => (part, source, (string)batch.Keys[0].GetValue(row)!, batch.Starts[row])))),
        ];

        Assert.Equal(
            keys.SelectMany(key => Enumerable.Range(0, 4).Select(batch => (batch % 2, key, (long)batch))).Order(),
            taken.Select(row => (row.Source, row.Key, row.Start)).Order());
        Assert.All(taken.GroupBy(row => row.Key), rows => Assert.Single(rows.Select(row => row.Part).Distinct()));
        Assert.Equal(Math.Min(parts, keys.Length), taken.Select(row => row.Part).Distinct().Count());
        Assert.Throws<InvalidOperationException>(() => collected.Take().First());
    }
}
