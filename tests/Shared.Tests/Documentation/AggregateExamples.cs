using Lambda.Aggregation;
using Lambda.Definition;
using Lambda.Events;
using Lambda.Testing;
using Lambda.Windows;
using Xunit;

namespace Lambda.Tests.Documentation;

/// <summary>The examples of docs/aggregates.md, word for word.</summary>
public sealed class AggregateExamples
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void All_built_in_functions_are_right_declarations()
    {
        StreamBuilder<Order> orders = Orders();

        orders.View("sales_by_shop")
            .GroupBy(o => o.Shop)
            .Window(Tumbling.Every(TimeSpan.FromHours(1)))
            .Aggregate(a => new
            {
                Orders = a.Count(),
                WithCoupon = a.Count(o => o.Coupon),
                Large = a.CountIf(o => o.Quantity >= 10),
                Pieces = a.Sum(o => o.Quantity),
                MeanPrice = a.Average(o => o.Price),
                Cheapest = a.Min(o => o.Price),
                Dearest = a.Max(o => o.Price),
                PriceSpread = a.StdDev(o => o.Price),
                FirstCustomer = a.First(o => o.Customer),
                BestCustomer = a.MaxBy(o => o.Customer, o => o.Quantity * o.Price),
                Customers = a.CountDistinct(o => o.Customer),
                AboutCustomers = a.ApproxCountDistinct(o => o.Customer),
                Usual = a.Median(o => o.Quantity),
                Tail = a.Quantile(o => o.Quantity, 0.99),
                Sizes = a.Histogram(o => o.Quantity, 1, 2, 5, 10),
                TopCoupons = a.TopK(o => o.Coupon, 3),
                Coupons = a.CollectSet(o => o.Coupon, 100),
            });

        Assert.Equal(17, Assert.Single(Catalog.Build([orders]).Streams[0].Views).Aggregates.Count);
    }

    [Fact]
    public void Methods_are_called_in_every_place_and_what_throws_is_quarantined()
    {
        StreamBuilder<Order> orders = Orders();
        string shop = "A";
        DeclaredView<Order, string, Bands> view = orders.View("orders_by_band")
            .Where(o => o.Shop == shop && Pricing.IsBillable(o))
            .GroupBy(o => Pricing.Band(o.Price))
            .Window(Tumbling.Every(TimeSpan.FromHours(1)))
            .Aggregate(a => new Bands(a.Count(), a.Sum(o => Pricing.Discount(o.Coupon) * o.Quantity)));
        var driver = StreamTestDriver.For(orders, startingAt: Noon.AddDays(1));

        driver.Send(new Order("1", Noon, "A", "Ada", Price: 5, Quantity: 2, Coupon: "10"));
        driver.Send(new Order("2", Noon, "A", "Bob", Price: 500, Quantity: 1, Coupon: null));
        driver.Send(new Order("3", Noon, "A", "Eve", Price: 5, Quantity: 2, Coupon: "ten"));
        driver.Send(new Order("4", Noon, "B", "Eve", Price: 5, Quantity: 2, Coupon: "10"));
        driver.RunBatch();

        Assert.Equal(
            [("high", new Bands(1, 0)), ("low", new Bands(1, 20))],
            driver.Read(view).Merged.Select(row => (row.Key, row.Result)).OrderBy(row => row.Key, StringComparer.Ordinal));
        Assert.Contains("FormatException", Assert.Single(driver.Quarantine).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void An_aggregator_takes_values_made_of_several_members()
    {
        StreamBuilder<Order> orders = Orders();
        DeclaredView<Order, string, Mean> view = orders.View("mean_price")
            .GroupBy(o => o.Shop)
            .Window(Tumbling.Every(TimeSpan.FromHours(1)))
            .Aggregate(a => new Mean(a.Custom(new WeightedMean(), o => new Weighted(o.Price, o.Quantity))));
        var driver = StreamTestDriver.For(orders, startingAt: Noon.AddDays(1));

        driver.Send(new Order("1", Noon, "A", "Ada", Price: 10, Quantity: 3, Coupon: null));
        driver.Send(new Order("2", Noon, "A", "Bob", Price: 20, Quantity: 1, Coupon: null));
        driver.RunBatch();

        Assert.Equal(new Mean(12.5), Assert.Single(driver.Read(view).Merged).Result);
        Assert.All(driver.Read(view).Comparison, window => Assert.Null(window.Unexplained));
    }

    [Fact]
    public void The_aggregator_obeys_the_laws()
    {
        AggregatorLaws.Of(new WeightedMean()).Check(random => new Weighted(random.Next(-9, 9), random.Next(3)), seed: 1);
    }

    [Fact]
    public void An_aggregator_over_a_nullable_type_is_given_no_nulls()
    {
        StreamBuilder<Order> orders = Orders();
        DeclaredView<Order, NoKey, Marks> view = orders.View("marks")
            .Window(Tumbling.Every(TimeSpan.FromHours(1)))
            .Aggregate(a => new Marks(a.Custom(new NullFree(), o => o.Rating)));
        var driver = StreamTestDriver.For(orders, startingAt: Noon.AddDays(1));

        driver.Send(new Order("1", Noon, "A", "Ada", Price: 1, Quantity: 1, Coupon: null, Rating: 4));
        driver.Send(new Order("2", Noon, "A", "Bob", Price: 1, Quantity: 1, Coupon: null));

        Assert.Equal(new Marks(4), Assert.Single(driver.Read(view).Merged).Result);
    }

    private static StreamBuilder<Order> Orders() =>
        new StreamBuilder<Order>("orders").EventTime(o => o.Time).EventId(o => o.Id).PartitionBy(o => o.Shop);

    /// <summary>The results of the view with methods.</summary>
    private sealed record Bands(long Orders, long Discount);

    /// <summary>The result of the view with an aggregator.</summary>
    private sealed record Mean(double? Price);

    /// <summary>The result of the view over a nullable member.</summary>
    private sealed record Marks(long Sum);

    /// <summary>A sum that would fail for null.</summary>
    private readonly struct NullFree : IAggregator<int?, long, long>
    {
        private static readonly IReadOnlyList<StateColumn> Columns = [new StateColumn("", ColumnType.Int64)];

        public string Signature => "null-free";

        public IReadOnlyList<StateColumn> StateColumns => Columns;

        public long CreateAccumulator() => 0;

        public void Add(ref long accumulator, int? value) => accumulator += value ?? throw new ArgumentNullException(nameof(value));

        public void Merge(ref long accumulator, in long other) => accumulator += other;

        public long GetResult(in long accumulator) => accumulator;

        public void Write(in long accumulator, StateWriter writer) => writer.WriteInt64(accumulator);

        public long Read(StateReader reader) => reader.ReadInt64();
    }
}
