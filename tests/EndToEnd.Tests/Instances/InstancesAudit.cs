using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Lambda.CrashApp;
using Lambda.EndToEnd.Tests.Running;
using Lambda.TestSupport.Oracle;

namespace Lambda.EndToEnd.Tests.Instances;

/// <summary>Compares what all layers answer in the end with what the topic holds.</summary>
internal sealed class InstancesAudit(Api api, string dataFolder, IReadOnlyList<(int Partition, long Offset, Beat? Beat)> topic)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<OracleRecord<Beat>> _records =
        [.. topic.Select(record => new OracleRecord<Beat>(record.Partition, record.Offset, record.Beat))];

    /// <summary>Waits until all that was sent is computed, runs the batch layer, and compares.</summary>
    public static async Task SettleAsync(Installation installation, BeatProducer producer, Api api)
    {
        await producer.ConfirmedAsync();
        await api.CaughtUpAsync(Beat.Stream);
        await PublishAllAsync(api);
        InstancesAudit audit = new(api, Path.Combine(installation.Folder, "data"), producer.ReadBack(installation.Broker.Bootstrap));
        await audit.CheckAsync();

        // Of a process that runs the batch layer, which that of the API need not.
        using Api batch = await installation.ApiAsync();
        JsonElement verified = await batch.VerifyGenerationAsync(Beat.Stream);
        Assert.True(verified.GetProperty("outcome").GetString() == "asPublished", verified.GetRawText());
    }

    /// <summary>
    /// Runs the batch layer until its boundary is where the speed layer is: one run ends before an epoch that nobody seals in time, as none does of a partition
    /// that has been claimed by a process that woke up, until its owner takes it back.
    /// </summary>
    private static async Task PublishAllAsync(Api api)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            await api.PublishAsync(Beat.Stream);
            JsonElement stream = await api.GetAsync($"/api/streams/{Beat.Stream}");
            if (stream.GetProperty("partitions").EnumerateArray().Select(partition => partition.GetProperty("nextOffset").GetInt64())
                .SequenceEqual(stream.GetProperty("boundary").EnumerateArray().Select(offset => offset.GetInt64())))
            {
                return;
            }

            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"The boundary does not come to where the partitions are: {stream.GetRawText()}");
        }
    }

    /// <summary>Partitions, history, all layers, quarantine, comparisons, audits.</summary>
    private async Task CheckAsync()
    {
        await CheckPartitionsAsync();
        CheckHistory();
        IReadOnlyDictionary<string, OracleSpeedResult> speed = NaiveOracle.Speed(BeatOracle.Model, _records);
        IReadOnlyDictionary<string, OracleBatchResult> batch = NaiveOracle.Batch(BeatOracle.Model, _records);
        foreach (OracleView<Beat> view in BeatOracle.Model.Views)
        {
            await BeatOracle.CheckViewAsync(api, view.Name, "speed", speed[view.Name].Accepted);
            await BeatOracle.CheckViewAsync(api, view.Name, "batch", batch[view.Name].Kept);
            await BeatOracle.CheckViewAsync(api, view.Name, "merged", batch[view.Name].Kept);
            await CheckComparisonAsync(view.Name);
        }

        await CheckQuarantineAsync();
        await CheckConservationAsync();
    }

    private async Task CheckPartitionsAsync()
    {
        JsonElement stream = await api.GetAsync($"/api/streams/{Beat.Stream}");
        Assert.Equal(0, stream.GetProperty("problems").GetArrayLength());
        Assert.Equal(0, stream.GetProperty("lost").GetArrayLength());
        foreach (JsonElement partition in stream.GetProperty("partitions").EnumerateArray())
        {
            int number = partition.GetProperty("partition").GetInt32();
            long end = _records.Where(record => record.Partition == number).Select(record => record.Offset + 1).DefaultIfEmpty().Max();
            Assert.Equal((number, end, end), (number, partition.GetProperty("nextOffset").GetInt64(), stream.GetProperty("boundary")[number].GetInt64()));
        }
    }

    private void CheckHistory()
    {
        List<(int, long, string)> history =
        [
            .. DeltaFiles.Query(Path.Combine(dataFolder, "history", Beat.Stream, "events"), "SELECT _partition, _offset, id FROM {0} ORDER BY ALL")
                .Select(row => (Convert.ToInt32(row[0], CultureInfo.InvariantCulture), Convert.ToInt64(row[1], CultureInfo.InvariantCulture), (string)row[2]!)),
        ];
        Assert.Equal(_records.Where(record => record.Event is not null).Select(record => (record.Partition, record.Offset, record.Event!.Id)).Order(), history);
    }

    private async Task CheckComparisonAsync(string view)
    {
        JsonElement comparison = await api.GetAsync($"/api/views/{view}/compare");
        Assert.True(comparison.GetProperty("comparable").GetBoolean(), comparison.GetRawText());
        Assert.Equal((view, 0), (view, comparison.GetProperty("totals").GetProperty("unexplained").GetInt64()));
    }

    private async Task CheckQuarantineAsync()
    {
        string[] undecodable = ["malformed", "wrongType", "missingMember", "invalidEventTime", "futureEventTime"];
        await CheckQuarantineAsync(undecodable, _records.Where(record => record.Event is null));

        // Of repetitions the first is checked.
        await CheckQuarantineAsync(
            ["checkFailed"],
            _records.Where(record => record.Event is { Value: < Beat.LeastValue })
                .GroupBy(record => record.Event!.Id, (_, same) => same.OrderBy(record => record.Offset).ThenBy(record => record.Partition).First()));
    }

    private async Task CheckQuarantineAsync(string[] reasons, IEnumerable<OracleRecord<Beat>> expected)
    {
        const int Most = 1000;
        HashSet<(int, long)> wanted = [.. expected.Select(record => (record.Partition, record.Offset))];
        List<(int, long)> listed = [];
        long total = 0;
        foreach (string reason in reasons)
        {
            JsonElement quarantine = await api.GetAsync($"/api/quarantine?stream={Beat.Stream}&reason={reason}&limit={Most}");
            total += quarantine.GetProperty("total").GetInt64();
            listed.AddRange(quarantine.GetProperty("records").EnumerateArray()
                .Select(record => (record.GetProperty("partition").GetInt32(), record.GetProperty("offset").GetInt64())));
        }

        // In a long run there are more than one answer lists.
        Assert.Equal(wanted.Count, total);
        Assert.Empty(listed.Except(wanted));
        Assert.Distinct(listed);
        Assert.True(listed.Count == total || listed.Count >= Most);
    }

    private async Task CheckConservationAsync()
    {
        JsonElement generations = await api.GetAsync($"/api/generations?stream={Beat.Stream}&limit=1");
        Assert.Equal("current", generations[0].GetProperty("state").GetString());
        JsonElement audits = await api.GetAsync($"/api/quality?stream={Beat.Stream}&limit=1000");
        Assert.All(audits.EnumerateArray(), audit => Assert.True(audit.GetProperty("outcome").GetString() == "passed", audit.GetRawText()));
        Assert.Contains(
            audits[0].GetProperty("checks").EnumerateArray(),
            check => check.GetProperty("name").GetString()!.StartsWith("conservation", StringComparison.Ordinal)
                && check.GetProperty("verdict").GetString() == "passed");
    }
}
