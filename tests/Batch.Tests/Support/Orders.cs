using System.Globalization;
using System.Text;
using Lambda.Definition;
using Lambda.Windows;

namespace Lambda.Batch.Tests.Support;

/// <summary>What the tests' stream is of.</summary>
internal sealed record Order(string Id, DateTime At, string Shop, long Amount, double Weight, decimal? Price)
{
    public byte[] ToJson()
    {
        string price = Price is { } value ? value.ToString(CultureInfo.InvariantCulture) : "null";
        return Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"id":"{{Id}}","at":"{{At:yyyy-MM-ddTHH:mm:ss.ffffffZ}}","shop":"{{Shop}}","amount":{{Amount}},"weight":{{Weight:R}},"price":{{price}}}"""));
    }
}

/// <summary>A stream of orders with two views, two row checks and expressions that throw for certain amounts.</summary>
internal static class Orders
{
    public const string Stream = "orders";
    public const int Partitions = 3;

    /// <summary>The check of the amount throws for it.</summary>
    public const long BreaksCheck = 13;

    /// <summary>The filter of a view throws for it.</summary>
    public const long BreaksView = 7;

    public static readonly DateTime Day = new(2024, 5, 4, 0, 0, 0, DateTimeKind.Utc);

    public static Catalog Catalog(Action<StreamBuilder<Order>>? more = null)
    {
        StreamBuilder<Order> stream = new StreamBuilder<Order>(Stream)
            .EventTime(o => o.At).EventId(o => o.Id).PartitionBy(o => o.Shop).Partitions(Partitions)
            .OutOfOrderness(TimeSpan.FromMinutes(10))
            .Check("positive amount", o => o.Amount > 0)
            .Check("divides", o => 1000 / (o.Amount - BreaksCheck) != 5000);
        stream.View("by_shop")
            .Where(o => 1000 / (o.Amount - BreaksView) != 5000)
            .GroupBy(o => o.Shop)
            .Window(Tumbling.Every(TimeSpan.FromHours(1)))
            .AllowedLateness(TimeSpan.FromMinutes(5))
            .Aggregate(a => new
            {
                Orders = a.Count(),
                Amount = a.Sum(o => o.Amount),
                Weight = a.Sum(o => o.Weight),
                MeanPrice = a.Average(o => o.Price),
                Lightest = a.Min(o => o.Weight),
                Largest = a.Max(o => o.Amount),
            });
        stream.View("small")
            .Where(o => o.Amount < 50)
            .Window(Tumbling.Every(TimeSpan.FromMinutes(15)))
            .Aggregate(a => new { Orders = a.Count(), Price = a.Sum(o => o.Price) });
        more?.Invoke(stream);
        return Lambda.Definition.Catalog.Build([stream]);
    }

    /// <summary>A view of windows that overlap, and whose size is no multiple of their slide.</summary>
    public static void Moving(StreamBuilder<Order> stream) => stream.View("moving")
        .GroupBy(o => o.Shop)
        .Window(Sliding.Every(slide: TimeSpan.FromMinutes(20), size: TimeSpan.FromMinutes(50), offset: TimeSpan.FromMinutes(5)))
        .AllowedLateness(TimeSpan.FromMinutes(15))
        .Aggregate(a => new { Orders = a.Count(), Amount = a.Sum(o => o.Amount) });

}
