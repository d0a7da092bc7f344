using Lambda.Batch.Recompute;
using Lambda.Log;
using Lambda.Serving.Queries;
using Lambda.Serving.Requests;
using Lambda.Store;
using Lambda.Testing;
using Lambda.TestSupport.Crashes;
using Lambda.Views;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lambda.EndToEnd.Tests.Properties;

/// <summary>The driver for tests says what the platform says that has a log, a history and a store.</summary>
public class DriverPlatformTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(20010101)]
    public async Task The_driver_says_what_the_platform_says(int seed)
    {
        Random random = new(seed);
        await using World world = await World.CreateAsync(ScanViews.Declared(partitions: 3, TimeSpan.FromMinutes(10)));
        StreamTestDriver<Scan> driver = new(world.Plan.Stream, DateTimeOffset.UtcNow);
        RandomScans scans = new(random);
        long[] sent = new long[world.Partitions];
        long covered = 0;
        for (int round = 0; round < 3; round++)
        {
            await world.AppendAsync(scans.Next(150));
            await SendAsync(world, driver, sent);
            using SpeedProcess speed = SpeedProcess.Start(world, random, DoomedProcess.Immortal);
            await speed.WaitAsync(sent);
            if (round < 2)
            {
                RunResult run = await world.RecomputeAsync(DoomedProcess.Immortal, workers: 2, archiveRun: 50, sealTimeout: TimeSpan.FromMinutes(2));
                Assert.True(run.Outcome == RunOutcome.Published, run.Message);
                covered = run.CarriedFrom is null ? run.Rows : covered + run.Rows;
                Assert.Equal(covered, driver.RunBatch().Events);
            }

            await speed.StopAsync();
            await CheckAsync(world, driver, $"seed {seed}, round {round}");
        }
    }

    /// <summary>Sends what has come to the log since the last time, as it stands there.</summary>
    private static async Task SendAsync(World world, StreamTestDriver<Scan> driver, long[] sent)
    {
        using RecordBatch records = new();
        for (int partition = 0; partition < world.Partitions; partition++)
        {
            do
            {
                await world.Log.ReadAsync(ScanViews.Stream, partition, sent[partition], records, Cancellation);
                for (int i = 0; i < records.Count; i++)
                {
                    driver.SendJson(records.Value(i), partition, records.Offset(i), DateTimeOffset.UnixEpoch.AddMicroseconds(records.AppendedAt(i)));
                    sent[partition] = records.Offset(i) + 1;
                }
            }
            while (records.Count > 0);
        }
    }

    private static async Task CheckAsync(World world, StreamTestDriver<Scan> driver, string place)
    {
        ViewQuery query = new(world.Catalog, world.Store, new StreamObserver(world.Log, TimeProvider.System, NullLogger<StreamObserver>.Instance));
        ComparisonQuery comparison = new(world.Store);
        foreach (ViewDefinition view in world.Plan.Stream.Views)
        {
            ViewResults<NamedValues, NamedValues> driven = driver.Read(view.Name);
            foreach ((ViewLayer layer, IReadOnlyList<WindowResult<NamedValues, NamedValues>> rows) in new[]
            {
                (ViewLayer.Merged, driven.Merged), (ViewLayer.Batch, driven.Batch), (ViewLayer.Speed, driven.Speed),
            })
            {
                DrivenRows.MustBe(
                    DrivenRows.Of(await query.RunAsync(Request(view, layer), Cancellation)), DrivenRows.Of(rows), $"{place}, view {view.Name}, {layer}");
            }

            var compared = await comparison.RunAsync(Request(view, ViewLayer.Merged), ComparedWindows.All, Cancellation);
            Assert.Equal(
                compared.Windows.Select(window => (window.WindowStart, window.Reasons.Late, window.Reasons.Duplicates, window.Reasons.Quarantined)),
                driven.Comparison.Select(window => (window.Start, window.Late, window.Duplicates, window.Quarantined)));

            var corrections = await world.Store.ReadCorrectionsAsync(view.Layout, WindowRange.All, int.MaxValue, Cancellation);
            long current = corrections.Max(correction => correction.Generation);
            Assert.Equal(
                corrections.Where(correction => correction.Generation == current).Select(correction => correction.Correction.WindowStart),
                driven.Corrections.Select(correction => TestSupport.Oracle.OracleTime.Microseconds(correction.Start)));
        }

        QuarantinePage quarantine = await world.Store.ReadQuarantineAsync(ScanViews.Stream, QuarantineFilter.Any, int.MaxValue, Cancellation);
        Assert.Equal(
            quarantine.Records.Select(record => (record.Partition, record.Offset, record.Reason)).Order(),
            driver.Quarantine.Select(record => (record.Partition, record.Offset, record.Reason)).Order());
    }

    private static ViewRequest Request(ViewDefinition view, ViewLayer layer) => new(
        view, WindowRange.All, new Dictionary<int, object?>(), layer, RowGrouping.KeyAndWindow, [], int.MaxValue);
}
