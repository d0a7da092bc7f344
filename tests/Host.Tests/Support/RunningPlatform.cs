using System.Text;
using Lambda.Capture;
using Lambda.Definition;
using Lambda.Hosting;
using Lambda.Hosting.Composition;
using Lambda.Hosting.Data;
using Lambda.Hosting.Settings;
using Lambda.Log;
using Lambda.Store;
using Lambda.Windows;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace Lambda.Host.Tests.Support;

/// <summary>A small application that serves from this process, with everything embedded.</summary>
public sealed class RunningPlatform : IAsyncLifetime
{
    private static int _count;

    private readonly TemporaryFolder _folder = new();
    private DataFolder? _data;
    private Platform? _platform;

    /// <summary>The stream, of another name in every instance: exporters in one process hear the meters of all.</summary>
    public string Stream { get; } = $"visits-{Interlocked.Increment(ref _count)}";

    public Uri Address => _platform!.Address!;

    internal Platform Platform => _platform!;

    public async ValueTask InitializeAsync()
    {
        StreamBuilder<Visit> visits = new StreamBuilder<Visit>(Stream)
            .EventTime(v => v.Time).EventId(v => v.Id).PartitionBy(v => v.Page).Partitions(2).OutOfOrderness(TimeSpan.FromMinutes(1));
        visits.View("by_page").GroupBy(v => v.Page).Window(Tumbling.Every(TimeSpan.FromMinutes(1))).Aggregate(a => new { Visits = a.Count() });
        Application application = new("visits-app", Catalog.Build([visits]), [], new ConfigurationManager()) { Web = [Capture] };
        HostSettings settings = HostSettings.Read(application, new GivenSettings { Data = _folder.Data, Urls = "http://127.0.0.1:0" });
        _data = DataFolder.Open(settings.DataFolder, "run");
        _platform = await Platform.StartAsync(application, settings, _data, PlatformRole.Serve, TestContext.Current.CancellationToken);
    }

    /// <summary>Makes visits of requests below <c>/captured</c>.</summary>
    private WebPart Capture => new(
        services => services.AddEventCapture<Visit>(Stream, capture => capture
            .Paths("/captured").Map(request => new Visit($"{request.Id}", request.Time, "captured")).ToLog()),
        web => web.UseEventCapture());

    /// <summary>A page whose visits go to a partition.</summary>
    public static string PageOf(int partition) => Enumerable.Range(0, 100).Select(number => $"page-{number}")
        .First(page => KeyPartitioner.Partition(Encoding.UTF8.GetBytes(page), 2) == partition);

    /// <summary>Appends records to the page's partition and waits until they are committed.</summary>
    public async Task AppendAsync(string page, params string[] values)
    {
        using RecordBatch batch = new();
        foreach (string value in values)
        {
            batch.Add(Encoding.UTF8.GetBytes(page), Encoding.UTF8.GetBytes(value));
        }

        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await Platform.Log.AppendAsync(Stream, batch, cancellation);
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(20));
        while (!await IsCommittedAsync(cancellation))
        {
            await timer.WaitForNextTickAsync(cancellation);
        }
    }

    public static string Visit(string id, string page, string time) => $$"""{"id":"{{id}}","time":"2026-01-01T{{time}}Z","page":"{{page}}"}""";

    /// <summary>Whether the store, where everybody sees it, has all that is in the log.</summary>
    private async Task<bool> IsCommittedAsync(CancellationToken cancellationToken)
    {
        StreamStatus status = (await Platform.Store.ReadStreamAsync(Stream, cancellationToken))!;
        foreach (PartitionStatus partition in status.Partitions)
        {
            if (partition.NextOffset < (await Platform.Log.GetOffsetsAsync(Stream, partition.Partition, cancellationToken)).End)
            {
                return false;
            }
        }

        return true;
    }

    public async ValueTask DisposeAsync()
    {
        if (_platform is not null)
        {
            await _platform.DisposeAsync();
        }

        _data?.Dispose();
        _folder.Dispose();
    }
}

/// <summary>The event of <see cref="RunningPlatform"/>.</summary>
public sealed record Visit(string Id, DateTimeOffset Time, string Page);
