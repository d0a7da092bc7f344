using Lambda.Definition;
using Lambda.Tests.Kernel.Rich;
using Lambda.Windows;
using Xunit;

namespace Lambda.Tests.Documentation;

/// <summary>The examples of docs/events.md, word for word.</summary>
public sealed class EventExamples
{
    [Fact]
    public void All_compute_what_the_page_says()
    {
        StreamBuilder<Purchase> purchases = new StreamBuilder<Purchase>("purchases").EventTime(p => p.Time).EventId(p => p.Id);

        purchases.View("by_city")
            .Where(p => p.Channel != Channel.Phone)
            .GroupBy(p => new { p.ShipTo.City, Elsewhere = p.BillTo == null ? null : p.BillTo.City })
            .Window(Tumbling.Every(TimeSpan.FromHours(1)))
            .Aggregate(a => new { Purchases = a.Count() });

        purchases.View("gifts")
            .Where(p => p.Tags != null && p.Tags.Contains("gift"))
            .Window(Tumbling.Every(TimeSpan.FromHours(1)))
            .Aggregate(a => new { Value = a.Sum(p => p.Items.Sum(item => item.Price * item.Count)) });

        purchases.SelectMany(p => p.Items, (p, item) => new { p.Country, item.Sku, item.Price })
            .View("sales_by_sku")
            .Where(x => x.Price > 0)
            .GroupBy(x => new { x.Country, x.Sku })
            .Window(Tumbling.Every(TimeSpan.FromHours(1)))
            .AllowedLateness(TimeSpan.FromMinutes(5))
            .Aggregate(a => new { Sold = a.Count(), Revenue = a.Sum(x => x.Price) });

        purchases.SelectMany(p => p.Items)
            .View("items")
            .GroupBy(item => item.Sku)
            .Window(Tumbling.Every(TimeSpan.FromHours(1)))
            .Aggregate(a => new { Sold = a.Sum(item => item.Count) });

        JsonRun run = new(purchases,
        [
            Record("WEB", "{\"city\":\"Bern\"},\"billTo\":{\"city\":\"Rome\"}", "{\"sku\":\"a\",\"price\":1.5,\"count\":2},{\"sku\":\"b\",\"price\":2,\"count\":1}"),
            Record("shop", "{\"city\":\"Bern\"}", "{\"sku\":\"a\",\"price\":0,\"count\":5}"),
            Record("by-phone", "{\"city\":\"Oslo\"},\"tags\":null", ""),
        ]);
        Assert.Empty(run.Failures);
        Assert.Equal(["Bern null 1 1", "Bern Rome 1 1"], run.Lines());
        Assert.Equal(["2 5"], run.Lines(1));
        Assert.Equal(["CH a 1 1 1.5", "CH b 1 1 2"], run.Lines(2));
        Assert.Equal(["a 2 7", "b 1 1"], run.Lines(3));
    }

    private static string Record(string channel, string shipTo, string items) =>
        $$"""
        {"id":"d85b1407-351d-4694-9392-03acc5870eb1","time":"2024-01-01T00:00:00Z","country":"CH","channel":"{{channel}}","tags":["gift"],
        "shipTo":{{shipTo}},"items":[{{items}}]}
        """;
}
