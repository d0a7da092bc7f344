using System.Text.Json;
using Lambda.Definition;
using Lambda.Events;
using Lambda.Time;
using Lambda.Windows;
using Xunit;

namespace Lambda.Tests.Kernel.Rich;

public sealed class FlatteningTests
{
    private static readonly WindowSpec Hours = Tumbling.Every(TimeSpan.FromHours(1));

    [Fact]
    public void A_view_over_elements_is_what_Linq_makes_of_the_events()
    {
        int seed = Random.Shared.Next();
        RandomOrders random = new(new Random(seed), oneInHowManyIsWrong: null);
        List<string> records = [.. Enumerable.Range(0, 400).Select(_ => random.Next())];
        Order[] orders = [.. records.Select(json => JsonSerializer.Deserialize<Order>(json, Decoded<Order>.Options)!)];

        StreamBuilder<Order> stream = Stream();
        var items = stream.SelectMany(o => o.Items, (o, item) => new { o.ShippingAddress.City, Zip = o.ShippingAddress.Zip, item.Sku, Twice = item.Price * 2, item.Discounts, item, o });
        items.View("by_sku").Where(x => x.Twice > 10).GroupBy(x => new { x.Sku, x.City }).Window(Hours).Aggregate(a => new { S = a.Sum(x => x.Twice) });
        items.View("discounts").GroupBy(x => x.Zip).Window(Hours).Aggregate(a => new { D = a.Sum(x => x.Discounts == null ? -1 : x.Discounts.Count()) });
        items.View("made").Where(x => x.item.Made != null).GroupBy(x => x.item.Made!.Code).Window(Hours).Aggregate(a => new { T = a.Sum(x => x.o.Tags.Count) });
        stream.SelectMany(o => o.Tags).View("tags").GroupBy(tag => tag).Window(Hours).Aggregate(a => new { L = a.Sum(tag => tag.Length) });
        stream.SelectMany(o => o.Counts).View("counts").GroupBy(count => count).Window(Hours).Aggregate(a => new { N = a.Count() });
        stream.SelectMany(o => o.Kinds, (o, kind) => new Sighting(kind, o.Id)).View("kinds").GroupBy(x => x.Kind).Window(Hours)
            .Aggregate(a => new { L = a.Sum(x => Length(x)) });
        stream.View("orders").Window(Hours).Aggregate(a => new { N = a.Count() });
        JsonRun run = new(stream, records);

        Assert.True(run.Failures.Count == 0, $"seed {seed}");
        (Order Order, Item Item)[] pairs = [.. orders.SelectMany(o => o.Items ?? [], (o, item) => (o, item))];
        Check(0, pairs.Where(p => p.Item.Price * 2 > 10).GroupBy(p => (p.Item.Sku, p.Order.ShippingAddress.City))
            .Select(g => Line([g.Key.Sku, g.Key.City], g.Count(), g.Sum(p => p.Item.Price * 2).ToString("0.####", System.Globalization.CultureInfo.InvariantCulture))));
        Check(1, pairs.GroupBy(p => p.Order.ShippingAddress.Zip)
            .Select(g => Line([g.Key], g.Count(), g.Sum(p => p.Item.Discounts?.Count() ?? -1))));
        Check(2, pairs.Where(p => p.Item.Made is not null).GroupBy(p => p.Item.Made!.Code)
            .Select(g => Line([g.Key], g.Count(), g.Sum(p => p.Order.Tags.Count))));
        Check(3, orders.SelectMany(o => o.Tags).GroupBy(tag => tag).Select(g => Line([g.Key], g.Count(), g.Sum(tag => tag.Length))));
        Check(4, orders.SelectMany(o => o.Counts ?? []).Select(count => (Key: count, 0)).GroupBy(count => count.Key).Select(g => Line([g.Key], g.Count(), g.Count())));
        Check(5, orders.SelectMany(o => o.Kinds, (o, kind) => (kind, o.Id)).GroupBy(p => p.kind)
            .Select(g => Line([Text(g.Key)], g.Count(), g.Sum(p => p.Id.Length))));
        Check(6, [Line([], orders.Length, orders.Length)]);

        void Check(int view, IEnumerable<string> expected)
        {
            string[] wanted = [.. expected.Order(StringComparer.Ordinal)];
            string[] got = [.. run.Lines(view).Order(StringComparer.Ordinal)];
            Assert.True(wanted.SequenceEqual(got), $"seed {seed}, view {view}:\n{string.Join('\n', wanted)}\n---\n{string.Join('\n', got)}");
        }
    }

    [Fact]
    public void An_event_of_which_one_element_fails_counts_in_no_view()
    {
        StreamBuilder<Order> stream = Stream();
        stream.SelectMany(o => o.Items, (o, item) => new { o.Id, item.Made!.Code }).View("made").GroupBy(x => x.Code).Window(Hours)
            .Aggregate(a => new { N = a.Count() });
        stream.View("orders").GroupBy(o => o.Id).Window(Hours).Aggregate(a => new { N = a.Count() });
        stream.SelectMany(o => o.Tags).View("tags").Window(Hours).Aggregate(a => new { N = a.Count() });
        JsonRun run = new(stream,
        [
            Record("a", "[{\"sku\":\"x\",\"price\":1,\"made\":{\"code\":\"CH\"}},{\"sku\":\"y\",\"price\":1}]"),
            Record("b", "[{\"sku\":\"x\",\"price\":1,\"made\":{\"code\":\"CH\"}}]"),
            Record("c", "[]"),
            Record("d", "null"),
        ]);

        Assert.Equal(["CH 1 1"], run.Lines());
        Assert.Equal(["b 1 1", "c 1 1", "d 1 1"], run.Lines(1));
        Assert.Equal(["3 3"], run.Lines(2));
        Assert.Equal(0, Assert.Single(run.Failures).Row);
        Assert.Contains("view 'made'", run.Failures[0].Detail, StringComparison.Ordinal);
        Assert.Contains("'element.made' is null", run.Failures[0].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void An_array_in_an_object_that_is_null_fails_the_event()
    {
        StreamBuilder<Crate> stream = new StreamBuilder<Crate>("crates").EventTime(e => e.Time);
        stream.SelectMany(e => e.Inner!.Numbers, (e, number) => new { e.Time, number }).View("v").GroupBy(x => x.number).Window(Hours)
            .Aggregate(a => new { N = a.Count() });
        JsonRun run = new(stream, ["{\"time\":\"2024-01-01\",\"inner\":{\"numbers\":[7,8,7]}}", "{\"time\":\"2024-01-01\",\"inner\":null}"]);
        Assert.Equal(["7 2 2", "8 1 1"], run.Lines());
        Assert.Contains("'inner' is null", Assert.Single(run.Failures).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Elements_are_late_with_their_event()
    {
        StreamBuilder<Order> stream = Stream();
        stream.SelectMany(o => o.Tags).View("tags").GroupBy(tag => tag).Window(Hours).Aggregate(a => new { N = a.Count() });
        long late = UtcMicroseconds.From(new DateTimeOffset(2024, 1, 1, 2, 0, 0, TimeSpan.Zero));
        JsonRun run = new(stream, [Record("a", "[]"), Record("b", "[]", "\"y\",\"y\""), Record("c", "[]", "\"z\"")], [0, late, 0]);
        Assert.Equal(["x 1 1", "z 1 1"], run.Lines());
        Assert.Equal(["y 2 2"], JsonRun.Lines(run.Late[0]));
    }

    [Fact]
    public void Only_what_views_read_of_event_and_element_is_carried()
    {
        StreamBuilder<Order> stream = Stream();
        stream.SelectMany(o => o.Items, (o, item) => new { o.ShippingAddress.City, item.Price, item.Sku }).View("v").GroupBy(x => x.City).Window(Hours)
            .Aggregate(a => new { S = a.Sum(x => x.Price) });
        Projection projection = new Lambda.Views.Plans.StreamPlan(Catalog.Build([stream]).Streams[0]).ViewProjection;
        Assert.Equal(
            ["shippingAddress", "shippingAddress.city", "items", "items[]", "items[].price"],
            projection.Schema.All.Where(member => projection[member] != ColumnForm.Absent).Select(member => member.Path));
    }

    [Fact]
    public void Keys_are_named_after_members_and_hashes_tell_arrays_apart()
    {
        StreamBuilder<Pair> stream = new StreamBuilder<Pair>("pairs").EventTime(e => e.Time);
        stream.SelectMany(e => e.First).View("a").GroupBy(x => x.Name).Window(Hours).Aggregate(a => new { N = a.Count() });
        stream.SelectMany(e => e.Second).View("b").GroupBy(x => x.Name).Window(Hours).Aggregate(a => new { N = a.Count() });
        stream.SelectMany(e => e.Second, (e, x) => new { Label = x.Name + "!" }).View("c").GroupBy(x => x.Label).Window(Hours)
            .Aggregate(a => new { N = a.Count() });
        stream.SelectMany(e => e.Second, (e, x) => new { Label = x.Name + "?" }).View("d").GroupBy(x => x.Label).Window(Hours)
            .Aggregate(a => new { N = a.Count() });
        var views = Catalog.Build([stream]).Streams[0].Views;
        Assert.Equal(["name", "name", "label", "label"], views.Select(view => view.Keys[0].Name));
        Assert.Equal(4, views.Select(view => view.Layout.Version).Distinct().Count());
    }

    [Fact]
    public void What_is_no_array_of_the_event_or_has_no_order_is_refused()
    {
        StreamBuilder<Order> stream = Stream().PartitionBy(o => o.Id);
        Assert.Contains("filter elements with Where", Assert.Throws<DefinitionException>(
            () => stream.SelectMany(o => o.Tags.Where(tag => tag != ""))).Message, StringComparison.Ordinal);
        stream.SelectMany(o => o.Tags, (o, tag) => new { o.Id, tag }).View("v").GroupBy(x => x.Id).Window(Count.Of(3, TimeSpan.FromHours(1)))
            .Aggregate(a => new { N = a.Count() });
        Assert.Contains("one place", Assert.Throws<DefinitionException>(() => Catalog.Build([stream])).Message, StringComparison.Ordinal);
    }

    private static int Length(Sighting sighting) => sighting.Id.Length;

    private static string Text(Kind kind) => JsonSerializer.Serialize(kind, Decoded<Order>.Options).Trim('"');

    private static string Line(object?[] key, long events, object result) => string.Join(
        ' ', key.Append(events).Append(result).Select(value => value is null ? "null" : FormattableString.Invariant($"{value}")));

    private static string Record(string id, string items, string tags = "\"x\"") =>
        $$"""
        {"id":"{{id}}","time":"2024-01-01T00:00:00Z","shippingAddress":{"city":"P"},"origin":{"latitude":1,"longitude":2},"tags":[{{tags}}],"kinds":[],"items":{{items}}}
        """;

    private static StreamBuilder<Order> Stream() => new StreamBuilder<Order>("orders").EventTime(e => e.Time);

    private sealed record Sighting(Kind Kind, string Id);

    private sealed record Pair(DateTime Time, Named[] First, Named[] Second);

    private sealed record Named(string Name);

    private sealed record Crate(DateTime Time, Inner? Inner);

    private sealed record Inner(int[] Numbers);
}
