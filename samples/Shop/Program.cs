using Lambda.Capture;
using Lambda.Hosting;
using Lambda.Windows;
using Shop;

var app = LambdaApplication.CreateBuilder(args);

var visits = app.Stream<ShopEvent>(ShopEvent.Stream)
    .EventTime(e => e.Time)
    .EventId(e => e.Id)
    .PartitionBy(e => e.Visitor)
    .OutOfOrderness(TimeSpan.FromSeconds(5))
    .IdleAfter(TimeSpan.FromSeconds(10));

// What a visitor did until half an hour without a click.
visits.View("visits")
    .GroupBy(e => e.Visitor)
    .Window(Session.WithGap(TimeSpan.FromMinutes(30)))
    .Aggregate(a => new
    {
        Pages = a.CountIf(e => e.IsPage),
        Began = a.Min(e => e.Time),
        Ended = a.Max(e => e.Time),
        LastPage = a.Last(e => e.Page),
        Spent = a.Sum(e => e.Amount),
    });

// The way to a purchase: looked, chose, went to the checkout, bought. A window of four steps is a purchase; one that times out was given up.
visits.View("funnel")
    .Where(e => e.Stage > 0)
    .GroupBy(e => e.Visitor)
    .Window(Count.Of(4, timeout: TimeSpan.FromMinutes(15)))
    .Aggregate(a => new { Steps = a.Count(), Reached = a.Max(e => e.Stage), Spent = a.Sum(e => e.Amount) });

visits.View("interest_by_product")
    .Where(e => e.Product != null)
    .GroupBy(e => e.Product)
    .Window(Tumbling.Every(TimeSpan.FromMinutes(1)))
    .Aggregate(a => new
    {
        Looks = a.CountIf(e => e.Step == Step.Product),
        Adds = a.CountIf(e => e.Step == Step.Add),
        Visitors = a.ApproxCountDistinct(e => e.Visitor),
    });

visits.SelectMany(e => e.Bought)
    .View("sales_by_product")
    .GroupBy(item => item.Product)
    .Window(Tumbling.Every(TimeSpan.FromMinutes(1)))
    .Aggregate(a => new { Sold = a.Sum(item => item.Quantity), Revenue = a.Sum(item => item.Price * item.Quantity) });

visits.View("pages")
    .GroupBy(e => e.Page)
    .Window(Tumbling.Every(TimeSpan.FromMinutes(1)))
    .Aggregate(a => new { Requests = a.Count(), MeanMilliseconds = a.Average(e => e.Milliseconds), SlowestMilliseconds = a.Max(e => e.Milliseconds) });

app.Web(
    services => services.AddEventCapture<ShopEvent>(ShopEvent.Stream, capture =>
    {
        capture
            .Paths("/shop")
            .Where(request => request.Status < 400)
            .Map(ShopEvent.From)
            .ToLog();

        // With the log on other machines, which may be away, a folder for what could not be sent.
        if (Environment.GetEnvironmentVariable("SHOP_SPILL_FOLDER") is { Length: > 0 } folder)
        {
            capture.SpillToDisk(folder, maxBytes: 1L << 30);
        }
    }),
    web =>
    {
        web.UseEventCapture();
        Storefront.Map(web);
    });

return await app.Build().RunAsync();
