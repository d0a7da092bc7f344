using System.Globalization;
using System.Text.Json;
using Lambda.CrashApp;
using Lambda.EndToEnd.Tests.Running;
using Lambda.Log;
using Lambda.Log.Embedded;
using Lambda.TestSupport.Oracle;

namespace Lambda.EndToEnd.Tests.Crashes;

/// <summary>Compares what is stored and served after all kills with what was sent and acknowledged.</summary>
internal sealed class KillAudit(string folder, Api api, BeatSender sender)
{
    private const long Second = 1_000_000;

    private readonly List<(int Partition, long Offset, string Id)> _history =
    [
        .. DeltaFiles.Query(Path.Combine(folder, "history", Beat.Stream, "events"), "SELECT _partition, _offset, id FROM {0} ORDER BY ALL")
            .Select(row => (Convert.ToInt32(row[0], CultureInfo.InvariantCulture), Convert.ToInt64(row[1], CultureInfo.InvariantCulture), (string)row[2]!)),
    ];

    /// <summary>History, all layers, audits, comparisons.</summary>
    public async Task CheckServedAsync()
    {
        CheckHistory(await api.GetAsync($"/api/streams/{Beat.Stream}"));
        HashSet<string> landed = [.. _history.Select(row => row.Id)];
        Assert.Empty(sender.Acknowledged.Except(landed));
        Assert.Empty(landed.Except(sender.Sent.Keys));

        List<Beat> counted = [.. landed.Select(id => sender.Sent[id]).Where(beat => beat.Value >= Beat.LeastValue)];
        foreach (string layer in (string[])["merged", "batch"])
        {
            AssertSame(counted.Select(beat => $"{beat.Id}: 1, {beat.Value}"), await RowsAsync(Beat.EachView, layer, "id", "beats", "value"), layer);
            AssertSame(
                counted.GroupBy(beat => (beat.Sensor, Minute: beat.At.ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture)))
                    .Select(group => $"{group.Key.Sensor}: {group.Count()}, {group.Sum(beat => beat.Value)}, {group.Max(beat => beat.Value)}"),
                await RowsAsync(Beat.SensorView, layer, "sensor", "beats", "value", "highest"),
                layer);
        }

        // No beat is late for its day, so that the speed layer alone must have counted each record of the log once.
        AssertSame(
            _history.GroupBy(row => row.Id).Select(group => $"{group.Key}: {group.Count()}, {group.Count() * sender.Sent[group.Key].Value}"),
            await RowsAsync(Beat.EachView, "speed", "id", "beats", "value"),
            "speed");
        await CheckSessionsAsync();
        await CheckExplainedAsync(landed);
        await CheckGenerationsAsync();
    }

    /// <summary>What the log holds, once the process has let go of it: the same as the history.</summary>
    public async Task CheckLogAsync()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        List<(int, long, string)> logged = [];
        await using EmbeddedLog log = EmbeddedLog.Open(new EmbeddedLogOptions { Folder = Path.Combine(folder, "log") }, TimeProvider.System);
        Assert.Equal(Beat.Partitions, await log.EnsureStreamAsync(Beat.Stream, Beat.Partitions, cancellation));
        using RecordBatch records = new();
        for (int partition = 0; partition < Beat.Partitions; partition++)
        {
            long next = 0;
            do
            {
                await log.ReadAsync(Beat.Stream, partition, next, records, cancellation);
                for (int i = 0; i < records.Count; i++)
                {
                    logged.Add((partition, records.Offset(i), JsonSerializer.Deserialize<Beat>(records.Value(i), JsonSerializerOptions.Web)!.Id));
                    next = records.Offset(i) + 1;
                }
            }
            while (records.Count > 0);
        }

        Assert.Equal(_history, logged);
    }

    private void CheckHistory(JsonElement stream)
    {
        foreach (JsonElement partition in stream.GetProperty("partitions").EnumerateArray())
        {
            int number = partition.GetProperty("partition").GetInt32();
            long end = partition.GetProperty("logEnd").GetInt64();
            IEnumerable<long> offsets = _history.Where(row => row.Partition == number).Select(row => row.Offset);
            Assert.True(
                offsets.Order().SequenceEqual(Enumerable.Range(0, (int)end).Select(offset => (long)offset)),
                $"Partition {number}: the history does not hold each offset below {end} once.");
            Assert.Equal(end, stream.GetProperty("boundary")[number].GetInt64());
            Assert.Equal(end, partition.GetProperty("nextOffset").GetInt64());
        }
    }

    /// <summary>The speed layer has judged every beat by the log alone, whenever it was killed; the batch layer has all that count.</summary>
    private async Task CheckSessionsAsync()
    {
        OracleModel<Beat> model = new()
        {
            Time = beat => OracleTime.Microseconds(beat.At),
            Id = beat => beat.Id,
            OutOfOrderness = Beat.OutOfOrderSeconds * Second,
            RowCheck = beat => beat.Value >= Beat.LeastValue,
            Views =
            [
                new()
                {
                    Name = Beat.SessionView,
                    Key = beat => [beat.Sensor],
                    Windows = new OracleSessions(Beat.GapSeconds * Second),
                    Aggregates = [OracleAggregate.Count<Beat>(), OracleAggregate.Sum<Beat>(beat => (long?)beat.Value)],
                },
            ],
        };
        List<OracleRecord<Beat>> records = [.. _history.Select(row => new OracleRecord<Beat>(row.Partition, row.Offset, sender.Sent[row.Id]))];
        OracleRows kept = NaiveOracle.Batch(model, records)[Beat.SessionView].Kept;
        foreach ((string layer, OracleRows expected) in new[]
        {
            ("speed", NaiveOracle.Speed(model, records)[Beat.SessionView].Accepted), ("batch", kept), ("merged", kept),
        })
        {
            string difference = expected.Difference(await SessionsAsync(layer));
            Assert.True(difference.Length == 0, $"Sessions of layer {layer}:\n{difference}");
        }
    }

    private async Task<OracleRows> SessionsAsync(string layer)
    {
        JsonElement answer = await api.GetAsync($"/api/views/{Beat.SessionView}?layer={layer}&limit=100000");
        return new OracleRows(answer.GetProperty("rows").EnumerateArray().Select(row =>
        {
            long beats = row.GetProperty("values").GetProperty("beats").GetInt64();
            return new OracleRow(
                [row.GetProperty("key").GetProperty("sensor").GetString()],
                OracleTime.Microseconds(row.GetProperty("windowStart").GetDateTimeOffset()),
                OracleTime.Microseconds(row.GetProperty("windowEnd").GetDateTimeOffset()),
                beats,
                [beats, row.GetProperty("values").GetProperty("value").GetInt64()]);
        }));
    }

    private async Task CheckExplainedAsync(HashSet<string> landed)
    {
        foreach (string view in (string[])[Beat.EachView, Beat.SensorView, Beat.SessionView])
        {
            JsonElement comparison = await api.GetAsync($"/api/views/{view}/compare");
            Assert.True(comparison.GetProperty("comparable").GetBoolean(), comparison.GetRawText());
            JsonElement totals = comparison.GetProperty("totals");
            Assert.Equal(0, totals.GetProperty("unexplained").GetInt64());
            Assert.Equal(_history.Count - landed.Count, totals.GetProperty("reasons").GetProperty("duplicates").GetInt64());
        }

        HashSet<string> refused = [.. landed.Where(id => sender.Sent[id].Value < Beat.LeastValue)];
        JsonElement quarantine = await api.GetAsync($"/api/quarantine?stream={Beat.Stream}&limit=1000");
        Assert.Equal(refused.Count, quarantine.GetProperty("total").GetInt32());
    }

    private async Task CheckGenerationsAsync()
    {
        JsonElement generations = await api.GetAsync($"/api/generations?stream={Beat.Stream}&limit=1000");
        string[] states = [.. generations.EnumerateArray().Select(generation => generation.GetProperty("state").GetString()!)];
        Assert.Equal("current", states[0]);
        Assert.All(states.Skip(1), state => Assert.Equal("superseded", state));

        JsonElement audits = await api.GetAsync($"/api/quality?stream={Beat.Stream}&limit=1000");
        Assert.All(audits.EnumerateArray(), audit => Assert.True(audit.GetProperty("outcome").GetString() == "passed", audit.GetRawText()));
        Assert.Contains(
            audits[0].GetProperty("checks").EnumerateArray(),
            check => check.GetProperty("name").GetString()!.StartsWith("conservation", StringComparison.Ordinal)
                && check.GetProperty("verdict").GetString() == "passed");
    }

    private async Task<IEnumerable<string>> RowsAsync(string view, string layer, string key, params string[] values)
    {
        JsonElement answer = await api.GetAsync($"/api/views/{view}?layer={layer}&limit=100000");
        Assert.False(answer.GetProperty("truncated").GetBoolean());
        return answer.GetProperty("rows").EnumerateArray().Select(row =>
            $"{row.GetProperty("key").GetProperty(key).GetString()}: {string.Join(", ", values.Select(value => row.GetProperty("values").GetProperty(value)))}");
    }

    private static void AssertSame(IEnumerable<string> expected, IEnumerable<string> actual, string layer)
    {
        string[] wanted = [.. expected.Order(StringComparer.Ordinal)];
        string[] found = [.. actual.Order(StringComparer.Ordinal)];
        Assert.True(
            wanted.SequenceEqual(found),
            $"Layer {layer}: missing {string.Join("; ", wanted.Except(found).Take(10))}; too much {string.Join("; ", found.Except(wanted).Take(10))}; "
            + $"{found.Length} rows instead of {wanted.Length}");
    }
}
