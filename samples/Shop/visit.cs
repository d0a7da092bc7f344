// Visits the shop as people do: they look around, think, put things into the cart, take them out again, and mostly leave without buying.
//
//   dotnet run samples/Shop/visit.cs -- --visitors 200 --seconds 60 --url http://127.0.0.1:8080
//
// --seed gives another crowd, --hurry 10 lets everybody think ten times as fast. Needs the .NET SDK and a shop that runs.

// The lock file in this folder is the shop's, and restoring this program would write it anew.
#:property NuGetLockFilePath=obj/visit.lock.json

using System.Diagnostics;
using System.Globalization;
using System.Net;

var options = ReadOptions(args);
int visitors = int.Parse(options.GetValueOrDefault("visitors", "200"), CultureInfo.InvariantCulture);
double seconds = double.Parse(options.GetValueOrDefault("seconds", "60"), CultureInfo.InvariantCulture);
int seed = int.Parse(options.GetValueOrDefault("seed", "1"), CultureInfo.InvariantCulture);
double hurry = double.Parse(options.GetValueOrDefault("hurry", "1"), CultureInfo.InvariantCulture);
Uri shop = new(options.GetValueOrDefault("url", "http://127.0.0.1:8080"));
string[] skus = ["darjeeling", "assam", "sencha", "mug", "teapot", "honey", "shortbread", "blanket"];

long requests = 0;
long failures = 0;
long visits = 0;
long looked = 0;
long added = 0;
long checkouts = 0;
long purchases = 0;
using CancellationTokenSource end = new(TimeSpan.FromSeconds(seconds));
long started = Stopwatch.GetTimestamp();
await Task.WhenAll(Enumerable.Range(0, visitors).Select(place => ComeAndGoAsync(new Random((seed * 100_003) + place))));
double elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture,
    $"{visits} visits, {requests} requests in {elapsed:F0} s ({requests / elapsed:F0}/s), {failures} failed; {looked} visits looked at a product, "
    + $"{added} added one, {checkouts} went to the checkout, {purchases} bought"));
return failures == 0 ? 0 : 1;

// A place in the shop: visitors who leave are followed by others.
async Task ComeAndGoAsync(Random random)
{
    try
    {
        await ThinkAsync(random, 3);
        while (!end.IsCancellationRequested)
        {
            // One connection, so that the requests of a visitor are in order.
            using HttpClient browser = new(new SocketsHttpHandler { CookieContainer = new CookieContainer(), MaxConnectionsPerServer = 1 }) { BaseAddress = shop };
            Interlocked.Increment(ref visits);
            await VisitAsync(browser, random);
            await ThinkAsync(random, 5);
        }
    }
    catch (OperationCanceledException) when (end.IsCancellationRequested)
    {
        // It is closing time.
    }
}

async Task VisitAsync(HttpClient browser, Random random)
{
    bool hasLooked = false;
    int cart = 0;
    await GetAsync(browser, "/shop/");
    for (int looks = random.Next(0, 6); looks > 0; looks--)
    {
        await ThinkAsync(random, 2);

        // Some things are looked at more often than others.
        string sku = skus[Math.Min(random.Next(skus.Length), random.Next(skus.Length))];
        await GetAsync(browser, $"/shop/products/{sku}");
        Count(ref looked, ref hasLooked);
        if (random.NextDouble() < 0.3)
        {
            await ThinkAsync(random, 1.5);
            await PostAsync(browser, $"/shop/cart/{sku}");
            if (cart++ == 0)
            {
                Interlocked.Increment(ref added);
            }
        }
        else if (random.NextDouble() < 0.4)
        {
            await ThinkAsync(random, 1);
            await GetAsync(browser, "/shop/");
        }
    }

    if (cart == 0 || random.NextDouble() > 0.65)
    {
        return;
    }

    await ThinkAsync(random, 2);
    await GetAsync(browser, "/shop/checkout");
    Interlocked.Increment(ref checkouts);
    await ThinkAsync(random, 4);
    if (random.NextDouble() < 0.75)
    {
        await PostAsync(browser, "/shop/checkout");
        Interlocked.Increment(ref purchases);
    }
}

static void Count(ref long visits, ref bool wasCounted)
{
    if (!wasCounted)
    {
        wasCounted = true;
        Interlocked.Increment(ref visits);
    }
}

// Mostly short, at times long.
Task ThinkAsync(Random random, double meanSeconds) =>
    Task.Delay(TimeSpan.FromSeconds(-Math.Log(1 - random.NextDouble()) * meanSeconds / hurry), end.Token);

Task GetAsync(HttpClient browser, string page) => AskAsync(() => browser.GetAsync(page, end.Token));

Task PostAsync(HttpClient browser, string page) => AskAsync(() => browser.PostAsync(page, null, end.Token));

async Task AskAsync(Func<Task<HttpResponseMessage>> ask)
{
    try
    {
        using HttpResponseMessage response = await ask();
        Interlocked.Increment(ref requests);
        if (!response.IsSuccessStatusCode)
        {
            Interlocked.Increment(ref failures);
        }
    }
    catch (HttpRequestException error)
    {
        if (Interlocked.Increment(ref failures) == 1)
        {
            Console.Error.WriteLine($"The shop at {shop} does not answer: {error.Message} Start it with: dotnet run --project samples/Shop");
        }

        await Task.Delay(TimeSpan.FromSeconds(1), end.Token);
    }
}

static Dictionary<string, string> ReadOptions(string[] args)
{
    Dictionary<string, string> options = [];
    for (int i = 0; i < args.Length; i += 2)
    {
        string name = args[i].TrimStart('-');
        if (!args[i].StartsWith("--", StringComparison.Ordinal) || i + 1 == args.Length || name is not ("visitors" or "seconds" or "seed" or "hurry" or "url"))
        {
            Console.Error.WriteLine("Usage: dotnet run visit.cs -- [--visitors N] [--seconds S] [--url URL] [--seed N] [--hurry FACTOR]");
            Environment.Exit(2);
        }

        options[name] = args[i + 1];
    }

    return options;
}
