using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Lambda.Capture;
using Lambda.Log;
using Lambda.Log.Kafka;
using Lambda.TestSupport.Kafka;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Lambda.EndToEnd.Tests.Capture;

/// <summary>A web application that captures into a real Kafka broker, which is killed and comes back.</summary>
public sealed class KafkaCaptureTests : IDisposable
{
    private const string Stream = "clicks";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly string _spill = Directory.CreateTempSubdirectory("lambda-capture-kafka-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_spill, recursive: true);

    [Fact]
    public async Task A_broker_that_is_killed_fails_no_request_and_loses_no_event_and_no_order()
    {
        if (KafkaBroker.WhyNot is { } reason && Environment.GetEnvironmentVariable("LAMBDA_TESTS_NO_SKIP") != "1")
        {
            Assert.Skip(reason);
        }

        await using KafkaBroker broker = await KafkaBroker.StartAsync();
        KafkaOptions options = new()
        {
            BootstrapServers = broker.Bootstrap,
            AppendTimeout = TimeSpan.FromSeconds(2),
            RequestTimeout = TimeSpan.FromSeconds(2),
        };
        await using WebApplication app = await StartAsync(options);
        using HttpClient client = new() { BaseAddress = new Uri(app.Urls.Single()) };
        EventCaptures captures = app.Services.GetRequiredService<EventCaptures>();

        await SendAsync(client, 0, 100);
        await UntilAsync(captures, status => status.Sent == 100);
        await broker.KillAsync();
        await SendAsync(client, 100, 300);
        EventCaptureStatus down = await UntilAsync(captures, status => status.Spilled > 0);
        Assert.Equal((400, 100), (down.Captured, down.Sent));
        await UntilAsync(captures, status => status.FailedSends > 0);
        await SendAsync(client, 400, 100);
        await broker.StartAgainAsync();

        EventCaptureStatus back = await UntilAsync(captures, status => status is { Sent: 500, Spilled: 0, Buffered: 0 });
        Assert.Empty(back.Dropped);
        await app.StopAsync(Cancellation);

        // Some may have arrived twice; none is missing, and each is behind those of its visitor that came before.
        Dictionary<string, List<int>> arrived = await ReadAsync(options);
        Assert.Equal(Enumerable.Range(0, 500), arrived.Values.SelectMany(numbers => numbers).Order());
        Assert.All(arrived.Values, numbers => Assert.Equal(numbers.Order(), numbers));
        Assert.Equal(7, arrived.Count);
    }

    private static async Task SendAsync(HttpClient client, int first, int count)
    {
        for (int i = first; i < first + count; i++)
        {
            long started = Stopwatch.GetTimestamp();
            using HttpResponseMessage response = await client.GetAsync($"/{i}", Cancellation);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);

            // Far below any timeout of the broker's, and far above what a busy machine takes.
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(1.5), $"Request {i} took {Stopwatch.GetElapsedTime(started)}.");
        }
    }

    private static async Task<EventCaptureStatus> UntilAsync(EventCaptures captures, Predicate<EventCaptureStatus> isThere)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            EventCaptureStatus status = Assert.Single(captures.Status());
            if (isThere(status))
            {
                return status;
            }

            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"It did not come to be: {status}");
            await Task.Delay(20, Cancellation);
        }
    }

    private static async Task<Dictionary<string, List<int>>> ReadAsync(KafkaOptions options)
    {
        Dictionary<string, List<int>> arrived = [];
        await using KafkaLog log = KafkaLog.Open(options, TimeProvider.System);
        int partitions = await log.EnsureStreamAsync(Stream, 3, Cancellation);
        Assert.Equal(3, partitions);
        using RecordBatch records = new();
        for (int partition = 0; partition < partitions; partition++)
        {
            OffsetRange range = await log.GetOffsetsAsync(Stream, partition, Cancellation);
            for (long next = range.Start; next < range.End; next = records.NextOffset)
            {
                await log.WaitAsync(Stream, partition, next, Cancellation);
                await log.ReadAsync(Stream, partition, next, records, Cancellation);
                for (int i = 0; i < records.Count; i++)
                {
                    Click click = JsonSerializer.Deserialize<Click>(records.Value(i), JsonSerializerOptions.Web)!;
                    Assert.Equal(click.Visitor, Encoding.UTF8.GetString(records.Key(i)));
                    Assert.Equal(partition, KeyPartitioner.Partition(records.Key(i), partitions));
                    List<int> numbers = arrived.TryGetValue(click.Visitor, out List<int>? known) ? known : arrived[click.Visitor] = [];
                    if (!numbers.Contains(click.Number))
                    {
                        numbers.Add(click.Number);
                    }
                }
            }
        }

        return arrived;
    }

    private async Task<WebApplication> StartAsync(KafkaOptions options)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddEventCapture<Click>(Stream, capture => capture
            .Routes("/{number}")
            .Map(request => Click.Of(int.Parse(request.RouteValue("number")!, CultureInfo.InvariantCulture)))
            .PartitionBy(click => click.Visitor)
            .ToLog(_ => KafkaLog.Open(options, TimeProvider.System), partitions: 3)
            .SpillToDisk(_spill, maxBytes: 1L << 30)
            .Limits(new EventCaptureLimits { MaxRetryDelay = TimeSpan.FromMilliseconds(500), SpillAfter = TimeSpan.FromMilliseconds(100) }));
        WebApplication app = builder.Build();
        app.UseEventCapture();
        app.MapGet("/{number}", (int number) => number);
        await app.StartAsync(Cancellation);
        return app;
    }

    private sealed record Click(int Number, string Visitor)
    {
        public static Click Of(int number) => new(number, $"visitor {number % 7}");
    }
}
