using Lambda.Definition;
using Lambda.Events;
using Lambda.Windows;
using Xunit;

namespace Lambda.Tests.Kernel.Rich;

public sealed class NestedExpressionTests
{
    private static readonly string[] Records =
    [
        Order("a", "\"billingAddress\":{\"city\":\"Bern\",\"country\":{\"code\":\"CH\",\"isFar\":true}},\"items\":[{\"sku\":\"x\",\"price\":1.5},{\"sku\":\"y\",\"price\":2}]"),
        Order("b", "\"billingAddress\":{\"city\":\"Rome\"},\"items\":[],\"place\":{\"latitude\":7,\"longitude\":8},\"counts\":[1,null,3]"),
        Order("c", "\"billingAddress\":null,\"tags\":[\"gift\",\"new\"],\"kinds\":[\"View\",\"Click\"]"),
    ];

    [Fact]
    public void Members_of_objects_are_columns_of_their_own()
    {
        Assert.Equal(["Paris 3 3"], Counted(view => view.GroupBy(e => e.ShippingAddress.City)).Lines());
        Assert.Equal(["city"], Stream(view => view.GroupBy(e => e.ShippingAddress.City)).Views[0].Keys.Select(key => key.Name));
        Assert.Equal(["null 2 2", "CH 1 1"], Counted(view => view.GroupBy(
            e => e.BillingAddress == null ? null : e.BillingAddress.Country == null ? null : e.BillingAddress.Country.Code)).Lines());
        Assert.Equal(["3 3"], Counted(view => view.Where(e => e.Origin.Latitude + e.Origin.Longitude == 3)).Lines());
        Assert.Equal(["1 1"], Counted(view => view.Where(e => e.Place != null && e.Place.Value.Longitude == 8)).Lines());
        Assert.Equal(["2 2"], Counted(view => view.Where(e => !e.Place.HasValue)).Lines());
        Assert.Equal(["1 1"], Counted(view => view.Where(e => null == e.BillingAddress)).Lines());
        Assert.Equal(["null null 2 2", "Bern True 1 1"], Counted(view => view.GroupBy(e => new
        {
            Of = e.Items != null && e.Items.Count > 0 ? e.BillingAddress!.City : null,
            Far = e.Items == null || e.Items.Count == 0 ? null : e.BillingAddress!.Country!.IsFar,
        })).Lines());
    }

    [Fact]
    public void An_event_fails_where_an_expression_looks_into_what_is_null()
    {
        JsonRun run = Counted(view => view.GroupBy(e => e.BillingAddress!.Country!.Code));
        Assert.Equal(["CH 1 1"], run.Lines());
        Assert.Equal([1, 2], run.Failures.Select(failure => failure.Row));
        Assert.Contains("'billingAddress.country' is null", run.Failures[0].Detail, StringComparison.Ordinal);
        Assert.Contains("'billingAddress' is null", run.Failures[1].Detail, StringComparison.Ordinal);
        Assert.Contains("'items' is null", Assert.Single(Counted(view => view.Where(e => e.Items!.Count > 0)).Failures).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Arrays_can_be_counted_and_used_as_in_CSharp()
    {
        Assert.Equal(["2 2"], Counted(view => view.Where(e => e.Items != null)).Lines());
        Assert.Equal(["0 1 1", "2 1 1"], Counted(view => view.Where(e => e.Items != null).GroupBy(e => e.Items!.Count)).Lines());
        Assert.Equal(["3 1 1"], Counted(view => view.Where(e => e.Counts != null).GroupBy(e => e.Counts!.Length)).Lines());
        Assert.Equal(["0 2 2", "2 1 1"], Counted(view => view.GroupBy(e => e.Tags.Count)).Lines());
        Assert.Equal(["0 2 2", "2 1 1"], Counted(view => view.GroupBy(e => e.Kinds.Length)).Lines());
        Assert.Equal(["1 1"], Counted(view => view.Where(e => e.Tags.Contains("gift"))).Lines());
        Assert.Equal(["1 1"], Counted(view => view.Where(e => e.Kinds.Contains(Kind.Click))).Lines());
        Assert.Equal(["2 3.5"], Run(view => view.Where(e => e.Items != null).Aggregate(a => new { S = a.Sum(e => e.Items!.Sum(i => i.Price)) })).Lines());
        Assert.Equal(["1 4"], Run(view => view.Where(e => e.Counts != null).Aggregate(a => new { S = a.Sum(e => e.Counts!.Sum()) })).Lines());
        Assert.Equal(["Bern 1 1", "Rome 1 1"], Counted(view => view.Where(e => e.BillingAddress != null).GroupBy(e => CityOf(e.BillingAddress!))).Lines());
    }

    [Fact]
    public void Only_what_is_read_is_carried()
    {
        Projection projection = new Lambda.Views.Plans.StreamPlan(Stream(view => view.Where(e => e.Items!.Count > 1 && e.BillingAddress != null)
            .GroupBy(e => e.ShippingAddress.Country!.Code))).ViewProjection;
        Assert.Equal(
            ["shippingAddress", "shippingAddress.country", "shippingAddress.country.code", "billingAddress", "items"],
            projection.Schema.All.Where(member => projection[member] != ColumnForm.Absent).Select(member => member.Path));
    }

    private static string? CityOf(Address address) => address.City;

    private static string Order(string id, string rest) =>
        $$"""
        {"id":"{{id}}","time":"2024-01-01T00:00:00Z","shippingAddress":{"city":"Paris"},"origin":{"latitude":1,"longitude":2},"tags":[],"kinds":[],{{rest}}}
        """;

    private static JsonRun Counted(Action<ViewBuilder<Order>> declare) => Run(view =>
    {
        declare(view);
        view.Aggregate(a => new { N = a.Count() });
    });

    private static JsonRun Run(Action<ViewBuilder<Order>> declare) => new(Builder(declare), Records);

    private static Lambda.Views.StreamDefinition Stream(Action<ViewBuilder<Order>> declare) => Catalog.Build([Builder(view =>
    {
        declare(view);
        view.Aggregate(a => new { N = a.Count() });
    })]).Streams[0];

    private static StreamBuilder<Order> Builder(Action<ViewBuilder<Order>> declare)
    {
        StreamBuilder<Order> stream = new StreamBuilder<Order>("orders").EventTime(e => e.Time);
        declare(stream.View("v").Window(Tumbling.Every(TimeSpan.FromHours(1))));
        return stream;
    }
}
