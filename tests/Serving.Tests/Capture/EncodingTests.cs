using System.Text;
using Lambda.Capture;
using Lambda.Definition;
using Lambda.Events.Json;
using Lambda.Log;
using Lambda.Log.Embedded;
using Lambda.Serving.Ingest;
using Lambda.Serving.Tests.Capture.Support;
using Lambda.Time;
using Lambda.Views;
using Lambda.Windows;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Lambda.Serving.Tests.Capture;

/// <summary>What a capture writes is what the platform reads.</summary>
public sealed class EncodingTests
{
    private static readonly Everything Sample = new(
        Guid.Parse("d85b1407-351d-4694-9392-03acc5870eb1"), new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.FromHours(2)), "Zoë <\"&\"> \n茶", 12.50m, 0.1, true,
        Colour.DarkGreen, new DateOnly(2024, 2, 29), TimeSpan.FromMinutes(90), new Uri("http://x/?a=b&c"), null, [new Part("a", 1), new Part("b", 2)]);

    [Fact]
    public async Task The_platform_takes_every_type_of_value_from_the_json_of_a_capture()
    {
        using Folder folder = new();
        FakeLogs logs = new(folder.Path);
        StreamBuilder<Everything> stream = Stream();
        await using ServiceProvider services = Services(logs.Log, Catalog.Build([stream]), capture => capture.ToLog());
        EventCaptures captures = await StartAsync(services);

        Assert.Single(captures.Pipelines).Capture(Request());

        using RecordBatch records = await logs.ReadAsync();
        StreamDefinition definition = services.GetRequiredService<Catalog>().FindStream("everything")!;
        using RecordBatch good = new();
        Assert.Null(new RecordGate(definition, 1 << 20, UtcMicroseconds.From(Sample.Time)).Add(0, records.Value(0).ToArray(), good));
        Assert.Equal("""Zoë <"&"> """ + "\n茶", Encoding.UTF8.GetString(records.Key(0)));
        Assert.Contains("\"DarkGreen\"", Encoding.UTF8.GetString(records.Value(0)), StringComparison.Ordinal);
        await logs.DisposeAsync();
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("Zoë \"quoted\" \\ \u0001 茶")]
    [InlineData("")]
    public async Task The_partition_key_is_the_one_that_the_platform_finds_itself(string visitor)
    {
        TestSink sink = new();
        await using CaptureRig rig = await CaptureRig.StartAsync(sink, configure: capture => capture.Map(request => CaptureRig.Map(request) with { Visitor = visitor }));
        StreamBuilder<Click> clicks = new StreamBuilder<Click>(CaptureRig.Stream).EventTime(click => click.Time).PartitionBy(click => click.Visitor);
        clicks.View("all").Window(AllTime.Window).Aggregate(a => new { Clicks = a.Count() });
        StreamDefinition definition = Catalog.Build([clicks]).FindStream(CaptureRig.Stream)!;

        rig.Send("/1");
        await sink.TakenAsync(1);

        RecordKeyReader platform = new(definition.Schema, definition.PartitionKey);
        Assert.Equal(Encoding.UTF8.GetString(platform.Read(Encoding.UTF8.GetBytes(sink.Values[0]))), sink.Keys[0]);
        Assert.Equal(visitor, sink.Keys[0]);
    }

    [Fact]
    public async Task A_delegate_can_give_the_key()
    {
        TestSink sink = new();
        ServiceCollection services = new();
        services.AddEventCapture<Everything>("everything", capture => capture
            .Map(_ => Sample).To(_ => sink).Limits(CaptureRig.Quick).Key(e => new string('ö', 300) + e.Count));
        await using ServiceProvider provider = services.BuildServiceProvider();

        Assert.Single((await StartAsync(provider)).Pipelines).Capture(Request());

        await sink.TakenAsync(1);
        Assert.Equal(new string('ö', 300) + "2", sink.Keys[0]);
    }

    [Fact]
    public void A_capture_must_agree_with_the_declaration_of_its_stream()
    {
        Catalog catalog = Catalog.Build([Stream()]);

        Assert.Contains(
            "declared by 'Name'",
            Refusal(capture => capture.ToLog().PartitionBy(e => e.Amount)),
            StringComparison.Ordinal);
        Assert.Contains(
            "declares no such stream",
            Assert.Throws<DefinitionException>(() => Services(null!, catalog, capture => capture.ToLog(), "others").GetRequiredService<EventCaptures>()).Message,
            StringComparison.Ordinal);

        string Refusal(Action<EventCaptureBuilder<Everything>> configure) =>
            Assert.Throws<DefinitionException>(() => Services(null!, catalog, configure).GetRequiredService<EventCaptures>()).Message;
    }

    private static StreamBuilder<Everything> Stream()
    {
        StreamBuilder<Everything> stream = new StreamBuilder<Everything>("everything").EventTime(e => e.Time).EventId(e => e.Id).PartitionBy(e => e.Name).Partitions(1);
        stream.View("all").Window(AllTime.Window).Aggregate(a => new { Events = a.Count() });
        return stream;
    }

    private static ServiceProvider Services(
        IEventLog log, Catalog catalog, Action<EventCaptureBuilder<Everything>> configure, string stream = "everything")
    {
        ServiceCollection services = new();
        services.AddSingleton(catalog);
        services.AddSingleton(_ => log);
        services.AddEventCapture<Everything>(stream, capture =>
        {
            capture.Map(_ => Sample).Limits(CaptureRig.Quick);
            configure(capture);
        });
        return services.BuildServiceProvider();
    }

    private static async Task<EventCaptures> StartAsync(ServiceProvider services)
    {
        EventCaptures captures = services.GetRequiredService<EventCaptures>();
        await ((IHostedService)captures).StartAsync(TestContext.Current.CancellationToken);
        return captures;
    }

    private static CapturedRequest Request() => new(new DefaultHttpContext(), TimeProvider.System);

    /// <summary>An embedded log of one partition.</summary>
    private sealed class FakeLogs(string folder) : IAsyncDisposable
    {
        public EmbeddedLog Log { get; } = EmbeddedLog.Open(new EmbeddedLogOptions { Folder = folder }, TimeProvider.System);

        public async Task<RecordBatch> ReadAsync()
        {
            CancellationToken cancellation = TestContext.Current.CancellationToken;
            RecordBatch records = new();
            await Log.EnsureStreamAsync("everything", 1, cancellation);
            await Log.WaitAsync("everything", 0, 0, cancellation).AsTask().WaitAsync(CaptureRig.Patience, cancellation);
            await Log.ReadAsync("everything", 0, 0, records, cancellation);
            return records;
        }

        public ValueTask DisposeAsync() => Log.DisposeAsync();
    }
}

/// <summary>A member of each type.</summary>
public sealed record Everything(
    Guid Id, DateTimeOffset Time, string Name, decimal Amount, double Ratio, bool Flag, Colour Colour, DateOnly Day, TimeSpan Length, Uri Link, long? Nothing,
    Part[] Parts)
{
    public int Count => Parts.Length;
}

public sealed record Part(string Name, int Number);

public enum Colour
{
    Red,
    DarkGreen,
}
