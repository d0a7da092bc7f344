using Lambda.Store;
using Lambda.Time;

namespace Lambda.Batch.Tests.Support;

/// <summary>What stands in the log, as the oracle sees it.</summary>
internal sealed record LoggedOrder(int Partition, long Offset, Order Order);

/// <summary>A window as the oracle computes it.</summary>
internal sealed record ExpectedWindow(string? Key, long Start, long Events, object?[] Results);

/// <summary>Computes the views of <see cref="Orders"/> over plain objects, sharing no code with the kernel.</summary>
internal static class OrderOracle
{
    /// <summary>The orders that count: the first of each id and time, if it passes the checks and breaks no view.</summary>
    public static IReadOnlyList<LoggedOrder> Kept(IEnumerable<LoggedOrder> logged, Boundary below) =>
    [
        .. First(logged, below).Where(placed =>
            placed.Order.Amount is > 0 and not Orders.BreaksCheck and not Orders.BreaksView),
    ];

    public static IReadOnlyList<LoggedOrder> Refused(IEnumerable<LoggedOrder> logged, Boundary below) =>
        [.. First(logged, below).Where(placed => placed.Order.Amount is <= 0 or Orders.BreaksCheck)];

    public static int Duplicates(IReadOnlyList<LoggedOrder> logged, Boundary below) =>
        logged.Count(placed => placed.Offset < below[placed.Partition]) - First(logged, below).Count();

    public static IReadOnlyList<ExpectedWindow> ByShop(IEnumerable<LoggedOrder> kept) =>
    [
        .. kept.GroupBy(placed => (placed.Order.Shop, Start: Start(placed.Order.At, TimeSpan.FromHours(1)))).Select(group =>
        {
            List<Order> orders = [.. group.Select(placed => placed.Order)];
            List<decimal> prices = [.. orders.Where(order => order.Price is not null).Select(order => order.Price!.Value)];
            return new ExpectedWindow(group.Key.Shop, group.Key.Start, orders.Count,
            [
                (long)orders.Count,
                (Int128)orders.Sum(order => order.Amount),
                orders.Sum(order => order.Weight),
                prices.Count == 0 ? null : prices.Sum() / prices.Count,
                orders.Min(order => order.Weight),
                orders.Max(order => order.Amount),
            ]);
        }).OrderBy(window => window.Start).ThenBy(window => window.Key, StringComparer.Ordinal),
    ];

    public static IReadOnlyList<ExpectedWindow> Small(IEnumerable<LoggedOrder> kept) =>
    [
        .. kept.Where(placed => placed.Order.Amount < 50).GroupBy(placed => Start(placed.Order.At, TimeSpan.FromMinutes(15)))
            .Select(group => new ExpectedWindow(
                null, group.Key, group.Count(), [(long)group.Count(), group.Sum(placed => placed.Order.Price ?? 0)]))
            .OrderBy(window => window.Start),
    ];

    /// <summary>Windows of 50 minutes that begin 5, 25 and 45 minutes after each hour.</summary>
    public static IReadOnlyList<ExpectedWindow> Moving(IEnumerable<LoggedOrder> kept) =>
    [
        .. from placed in kept
           from ago in Enumerable.Range(0, 50)
           let start = Start(placed.Order.At, TimeSpan.FromMinutes(1)) - (ago * 60_000_000L)
           where (start - 300_000_000) % 1_200_000_000 == 0
           group placed.Order by (placed.Order.Shop, Start: start) into orders
           orderby orders.Key.Start, orders.Key.Shop
           select new ExpectedWindow(orders.Key.Shop, orders.Key.Start, orders.Count(), [(long)orders.Count(), (Int128)orders.Sum(order => order.Amount)]),
    ];

    private static IEnumerable<LoggedOrder> First(IEnumerable<LoggedOrder> logged, Boundary below) => logged
        .Where(placed => placed.Offset < below[placed.Partition])
        .GroupBy(placed => (placed.Order.Id, placed.Order.At))
        .Select(same => same.OrderBy(placed => placed.Offset).ThenBy(placed => placed.Partition).First());

    private static long Start(DateTime at, TimeSpan size) =>
        UtcMicroseconds.FromDateTime(new DateTime(at.Ticks / size.Ticks * size.Ticks, DateTimeKind.Utc));
}
