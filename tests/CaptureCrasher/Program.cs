using System.Globalization;
using Lambda.Capture;
using Lambda.CaptureCrasher;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

// Captures numbered requests until it is killed, with a sink that works and fails by turns. A line "safe NUMBER" on stdout says that this event, and each before
// it, is with the sink or on disk. Arguments: spill folder, the file of the sink, seed, run, how many requests to make (0: until killed).
string folder = args[0];
string taken = args[1];
int seed = int.Parse(args[2], CultureInfo.InvariantCulture);
string run = args[3];
int requests = int.Parse(args[4], CultureInfo.InvariantCulture);
Random random = new(seed);
using MoodySink sink = new(taken, fails: requests == 0, random);

ServiceCollection services = new();
services.AddEventCapture<Numbered>("numbers", capture => capture
    .Map(request => new Numbered($"{run}:{request.Path.Value![1..]}"))
    .To(_ => sink)
    .SpillToDisk(folder, maxBytes: 1L << 30)
    .Limits(new EventCaptureLimits { Linger = TimeSpan.Zero, RetryDelay = TimeSpan.FromMilliseconds(1), MaxRetryDelay = TimeSpan.FromMilliseconds(2) }));
await using ServiceProvider provider = services.BuildServiceProvider();
ApplicationBuilder app = new(provider);
app.UseEventCapture();
app.Run(_ => Task.CompletedTask);
RequestDelegate pipeline = app.Build();
EventCaptures captures = provider.GetRequiredService<EventCaptures>();
await ((IHostedService)captures).StartAsync(CancellationToken.None);

for (int number = 0; requests == 0 || number < requests; number++)
{
    await SendAsync(number);
    if (random.Next(20) == 0)
    {
        while (captures.Status()[0].Buffered > 0)
        {
            await Task.Yield();
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"safe {number}"));
    }
}

// All that earlier processes left behind is to arrive.
while (captures.Status()[0] is { Spilled: > 0 } or { Buffered: > 0 })
{
    await Task.Delay(1);
}

async Task SendAsync(int number)
{
    CompletingResponse response = new();
    FeatureCollection features = new();
    features.Set<IHttpRequestFeature>(new HttpRequestFeature { Method = "GET", Path = string.Create(CultureInfo.InvariantCulture, $"/{number}") });
    features.Set<IHttpResponseFeature>(response);
    await pipeline(new DefaultHttpContext(features));
    await response.CompleteAsync();
}
