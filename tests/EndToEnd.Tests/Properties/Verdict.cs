using Lambda.Events;
using Lambda.Serving.Answers;
using Lambda.Serving.Queries;
using Lambda.Serving.Requests;
using Lambda.Store;
using Lambda.TestSupport.Oracle;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lambda.EndToEnd.Tests.Properties;

/// <summary>Compares all that a world serves with what the oracle makes of the same records.</summary>
internal sealed class Verdict(World world, OracleModel<Scan> model, int seed, string place)
{
    private const long HalfHour = 1_800_000_000;

    private readonly Random _random = new(seed);

    private readonly ViewQuery _query = new(
        world.Catalog, world.Store, new StreamObserver(world.Log, TimeProvider.System, NullLogger<StreamObserver>.Instance));

    private readonly ComparisonQuery _comparison = new(world.Store);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Every layer, the comparison and the quarantine, as far as they have come.</summary>
    /// <returns>How far: what the speed layer has committed, and the boundary; by partition.</returns>
    public async Task<(IReadOnlyList<long> Committed, IReadOnlyList<long> Boundary)> CheckAsync()
    {
        StreamStatus status = (await world.Store.ReadStreamAsync(ScanViews.Stream, Cancellation))!;
        long[] committed = [.. status.Partitions.Select(partition => partition.NextOffset)];
        IReadOnlyList<long> boundary = status.CurrentGeneration?.Boundary.Offsets ?? new long[world.Partitions];
        List<OracleRecord<Scan>> seen = [.. world.Records.Where(record => record.Offset < committed[record.Partition])];
        List<OracleRecord<Scan>> below = [.. world.Records.Where(record => record.Offset < boundary[record.Partition])];

        // Where the batch layer is ahead of the speed layer, the rest of a merged answer is empty, whatever the oracle sees there.
        List<OracleRecord<Scan>> either = [.. world.Records.Where(record => seen.Contains(record) || below.Contains(record))];
        var speed = NaiveOracle.Speed(model, seen);
        var batch = NaiveOracle.Batch(model, below);
        var merged = NaiveOracle.Merged(model, either, boundary);
        foreach (OracleView<Scan> view in model.Views)
        {
            await MustServeAsync(speed[view.Name].Accepted, view.Name, ViewLayer.Speed);
            await MustServeAsync(batch[view.Name].Kept, view.Name, ViewLayer.Batch);
            await MustServeAsync(merged[view.Name], view.Name, ViewLayer.Merged);
        }

        if (status.CurrentGeneration is not null && Enumerable.Range(0, world.Partitions).All(p => committed[p] >= boundary[p]))
        {
            var speedBelow = NaiveOracle.Speed(model, below);
            foreach (OracleView<Scan> view in model.Views)
            {
                await MustCompareAsync(view.Name, speedBelow[view.Name], batch[view.Name]);
            }
        }

        await MustQuarantineAsync(seen, below);
        return (committed, boundary);
    }

    private async Task MustServeAsync(OracleRows expected, string view, ViewLayer layer)
    {
        List<OracleRow> rows = await ServeAsync(Request(view, layer));
        int limit = _random.Next(1, rows.Count + 2);
        List<OracleRow> first = await ServeAsync(Request(view, layer) with { Limit = limit });
        Assert.True(
            rows.Take(limit).Select(row => $"{row}").SequenceEqual(first.Select(row => $"{row}")),
            $"{place}, view {view}, layer {layer}: the first {limit} rows are not those of all.");
        string difference = expected.Difference(new OracleRows(rows));
        Assert.True(difference.Length == 0, $"{place}, view {view}, layer {layer}:\n{difference}");
        if (rows.Count > 0)
        {
            await MustServeRangeAsync(rows, view, layer);
        }
    }

    /// <summary>A range has the same windows, whole, as all of time has there.</summary>
    private async Task MustServeRangeAsync(List<OracleRow> all, string view, ViewLayer layer)
    {
        long from = all[_random.Next(all.Count)].Start + _random.NextInt64(-HalfHour, HalfHour);
        long to = from + _random.NextInt64(1, HalfHour);
        List<OracleRow> rows = await ServeAsync(Request(view, layer) with { Range = new WindowRange(from, to) });
        string difference = new OracleRows(all.Where(row => row.Start < to && row.End > from)).Difference(new OracleRows(rows));
        Assert.True(difference.Length == 0, $"{place}, view {view}, layer {layer}, from {from} to {to}:\n{difference}");
    }

    private async Task<List<OracleRow>> ServeAsync(ViewRequest request)
    {
        ViewAnswer answer = await _query.RunAsync(request, Cancellation);
        return
        [
            .. answer.Rows.Select(row => new OracleRow(
                row.Key.Values,
                OracleTime.Microseconds(row.WindowStart),
                OracleTime.Microseconds(row.WindowEnd),
                row.Provenance.BatchEvents + row.Provenance.SpeedEvents,
                row.Values.Values)),
        ];
    }

    private async Task MustCompareAsync(string view, OracleSpeedResult speed, OracleBatchResult batch)
    {
        ComparisonAnswer answer = await _comparison.RunAsync(Request(view, ViewLayer.Merged), ComparedWindows.All, Cancellation);
        Assert.True(answer.Comparable, $"{place}, view {view}: {answer.Reason}");
        ComparisonTotals totals = answer.Totals;
        var expected = (batch.Kept.EventCount, speed.Accepted.EventCount, speed.Late.EventCount, batch.Removed.EventCount, 0L);
        var actual = (
            totals.BatchEvents, totals.SpeedEvents, totals.Reasons.Late, totals.Reasons.Duplicates + totals.Reasons.Quarantined, totals.Unexplained);
        Assert.True(expected == actual, $"{place}, view {view}: the comparison is {actual} where the oracle has {expected}.");
        await MustListDifferingAsync(Request(view, ViewLayer.Merged), answer);
        await MustListDifferingAsync(Request(view, ViewLayer.Merged) with { Grouping = RowGrouping.Window }, all: null);
        if (answer.Windows.Count > 0)
        {
            long from = OracleTime.Microseconds(answer.Windows[_random.Next(answer.Windows.Count)].WindowStart) + _random.NextInt64(-HalfHour, HalfHour);
            await MustListDifferingAsync(Request(view, ViewLayer.Merged) with { Range = new WindowRange(from, from + _random.NextInt64(1, HalfHour)) }, all: null);
        }
    }

    /// <summary>Windows that differ are found without composing the others; they are those of all windows that do, and the sums are those of all.</summary>
    private async Task MustListDifferingAsync(ViewRequest request, ComparisonAnswer? all)
    {
        all ??= await _comparison.RunAsync(request, ComparedWindows.All, Cancellation);
        ComparisonAnswer differing = await _comparison.RunAsync(request, ComparedWindows.Differing, Cancellation);
        string[] expected = [$"{all.Totals}", .. all.Windows.Where(Comparison.Differs).Select(Describe)];
        string[] actual = [$"{differing.Totals}", .. differing.Windows.Select(Describe)];
        Assert.True(
            expected.SequenceEqual(actual),
            $"{place}, view {request.View.Name}, {request.Range}, {request.Grouping}: expected\n{string.Join('\n', expected)}\nwas\n{string.Join('\n', actual)}");
    }

    private static string Describe(ComparedWindow window) =>
        $"{string.Join('/', window.Key.Values)} {window.WindowStart:O} to {window.WindowEnd:O}: {window.Batch?.Events} and {window.Speed?.Events}, "
        + $"{string.Join(' ', window.Difference.Values)}, {window.Reasons}, {window.Unexplained?.Events} {string.Join(' ', window.Unexplained?.Aggregates ?? [])}";

    /// <summary>
    /// Each record that a layer has refused is there once, and no other. A record that fails a check and is first of its identity no longer, because an
    /// earlier generation did not reach as far in another partition, may stay.
    /// </summary>
    private async Task MustQuarantineAsync(List<OracleRecord<Scan>> seen, List<OracleRecord<Scan>> below)
    {
        QuarantinePage page = await world.Store.ReadQuarantineAsync(ScanViews.Stream, QuarantineFilter.Any, int.MaxValue, Cancellation);
        List<string> actual = [.. page.Records.Select(record => $"{record.Partition}/{record.Offset} {Group(record.Reason)}")];
        List<OracleRecord<Scan>> decoded = [.. below.Where(record => record.Event is not null)];
        List<OracleRecord<Scan>> first =
        [
            .. decoded.GroupBy(record => (record.Event!.Id, record.Event.At))
                .Select(same => same.OrderBy(record => record.Offset).ThenBy(record => record.Partition).First()),
        ];
        HashSet<string> expected =
        [
            .. Names("undecodable", seen.Union(below).Where(record => record.Event is null)),
            .. Names("failed", seen.Union(first).Where(record => record.Event is { } scan && model.Throws(scan))),
            .. Names("checked", first.Where(record => !model.RowCheck(record.Event!))),
        ];
        IEnumerable<string> possible = Names("checked", decoded.Where(record => !model.RowCheck(record.Event!)));
        string[] missing = [.. expected.Except(actual)];
        string[] tooMuch = [.. actual.Except(expected).Except(possible)];
        string[] twice = [.. actual.CountBy(name => name).Where(count => count.Value > 1).Select(count => count.Key)];
        Assert.True(
            missing.Length + tooMuch.Length + twice.Length == 0,
            $"{place}: quarantine lacks {string.Join(", ", missing)}; has too much: {string.Join(", ", tooMuch)}; has twice: {string.Join(", ", twice)}");
    }

    private static IEnumerable<string> Names(string reason, IEnumerable<OracleRecord<Scan>> records) =>
        records.Select(record => $"{record.Partition}/{record.Offset} {reason}");

    private ViewRequest Request(string view, ViewLayer layer) => new(
        world.Catalog.FindView(view)!, WindowRange.All, new Dictionary<int, object?>(), layer, RowGrouping.KeyAndWindow, [], int.MaxValue);

    private static string Group(RejectReason reason) => reason switch
    {
        RejectReason.CheckFailed => "checked",
        RejectReason.ExpressionFailed => "failed",
        _ => "undecodable",
    };
}
