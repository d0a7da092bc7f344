using System.Globalization;
using System.Text.Json;
using Lambda.Bench.Soak;
using Lambda.EndToEnd.Tests.Running;
using Lambda.Hosting;
using Lambda.Hosting.Composition;
using Lambda.Hosting.Data;
using Lambda.Hosting.Settings;
using Lambda.Log;
using Microsoft.Extensions.Configuration;

namespace Lambda.EndToEnd.Tests.Soak;

/// <summary>
/// All layers in one process while windows of every form open, close and refuse, and visitors come who never come back. The benchmark <c>soak</c> does the same
/// for as long as one likes. It takes the process to itself, as what others allocate meanwhile cannot be told from what is measured.
/// </summary>
[CollectionDefinition(nameof(SoakTests), DisableParallelization = true)]
[Collection(nameof(SoakTests))]
public class SoakTests
{
    private const string EventsVariable = "LAMBDA_SOAK_EVENTS";
    private const int UsualEvents = 1_200_000;
    private const int Thirds = 3;
    private const int PerAppend = 8192;
    private const int Partitions = 4;

    /// <summary>
    /// How many events may lie in the log that are not computed yet. With a backlog of a third, what is in memory hangs on how busy the machine is: between 61 and 83 MB were left after
    /// the first one, and once 20 MB more after the last one than after the second.
    /// </summary>
    private const long MostAhead = 100_000;
    private const int Moments = 5;
    private static readonly TimeSpan BetweenMoments = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// What an open epoch, pools and caches may come to have more: measured 4 and 6 MB with one and two million events. Had the partials of two thirds of the
    /// usual events stayed, they would take more than fifty.
    /// </summary>
    private const long Slack = 24 << 20;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_kept_in_memory_does_not_grow_with_events_and_keys_that_have_passed()
    {
        int events = Environment.GetEnvironmentVariable(EventsVariable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : UsualEvents;
        string root = Directory.CreateTempSubdirectory("lambda-soak-").FullName;
        try
        {
            DateTime start = DateTime.UtcNow.Date.AddDays(-2) - VisitMaker.Length(events);
            using DataFolder folder = DataFolder.Open(root, "soak");
            Application application = new("soak", Visit.Catalog(Partitions), [], new ConfigurationBuilder().AddInMemoryCollection(Settings()).Build());
            HostSettings settings = HostSettings.Read(application, new GivenSettings { Data = root, Urls = "http://127.0.0.1:0" });
            await using Platform platform = await Platform.StartAsync(application, settings, folder, PlatformRole.Serve, Cancellation);
            using Api api = new(platform.Address!);
            List<long> kept = [];
            for (int third = 0; third < Thirds; third++)
            {
                await SendAsync(platform, new VisitMaker(start), (long)events * third / Thirds, (long)events * (third + 1) / Thirds);
                await AssertTotalAsync(api, (long)events * (third + 1) / Thirds);
                kept.Add(await MeasureAsync());
            }

            TestContext.Current.SendDiagnosticMessage($"after each third: {string.Join(", ", kept.Select(bytes => $"{bytes:N0}"))} bytes");
            Assert.True(kept[^1] < kept[0] + Slack, $"From {kept[0]:N0} to {kept[^1]:N0} bytes: {string.Join(", ", kept)}");
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static Dictionary<string, string?> Settings()
    {
        const string Seldom = "0 0 29 2 *";
        return new Dictionary<string, string?>
        {
            ["Lambda:ArchiveSchedule"] = Seldom,
            ["Lambda:RecomputeSchedule"] = Seldom,
            ["Lambda:MaxEpochBytes"] = "1048576",
            ["Lambda:StoreMemoryMegabytes"] = "128",
        };
    }

    private static async Task SendAsync(Platform platform, VisitMaker maker, long from, long to)
    {
        using RecordBatch records = new(PerAppend, PerAppend * 256);
        for (long next = from; next < to; next += records.Count)
        {
            records.Clear();
            maker.Add(records, next, (int)Math.Min(PerAppend, to - next));
            await platform.Log.AppendAsync(Visit.StreamName, records, Cancellation);
            await WaitAsync(platform, next + records.Count - MostAhead);
        }

        await WaitAsync(platform, to);
    }

    private static async Task WaitAsync(Platform platform, long committed)
    {
        while ((await platform.Store.ReadStreamAsync(Visit.StreamName, Cancellation))!.Partitions.Sum(partition => partition.NextOffset) < committed)
        {
            await Task.Delay(5, Cancellation);
        }
    }

    private static async Task AssertTotalAsync(Api api, long sent)
    {
        JsonElement answer = await api.GetAsync($"/api/views/{Visit.Pages}?rollup=true");
        Assert.Equal(
            sent - VisitMaker.Broken(sent) - VisitMaker.Late(sent),
            answer.GetProperty("rows").EnumerateArray().Sum(row => row.GetProperty("values").GetProperty("visits").GetInt64()));
    }

    /// <summary>
    /// What is reachable, as the least of some moments: in one of them a commit may be under way, or a buffer not be back in its pool. Objects with finalizers, and what they hold,
    /// take two collections.
    /// </summary>
    private static async Task<long> MeasureAsync()
    {
        long least = long.MaxValue;
        for (int moment = 0; moment < Moments; moment++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            least = Math.Min(least, GC.GetTotalMemory(forceFullCollection: true));
            await Task.Delay(BetweenMoments, Cancellation);
        }

        return least;
    }
}
