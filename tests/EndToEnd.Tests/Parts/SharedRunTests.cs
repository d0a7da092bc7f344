using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Confluent.Kafka;
using Lambda.CrashApp;
using Lambda.EndToEnd.Tests.Running;
using Lambda.TestSupport.Kafka;
using Lambda.TestSupport.Postgres;
using Npgsql;

namespace Lambda.EndToEnd.Tests.Parts;

/// <summary>A run that two batch processes over one history compute, one of which is killed in the middle of its part.</summary>
public class SharedRunTests
{
    private const int Days = 80;
    private const int BeatsPerDay = 250;
    private const int Sensors = 6;
    private static readonly DateTime Start = new(2024, 5, 1, 1, 0, 0, DateTimeKind.Utc);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_processes_compute_a_run_in_parts_and_one_that_is_killed_changes_nothing()
    {
        if ((KafkaBroker.WhyNot ?? PostgresCluster.MissingReason) is { } reason && Environment.GetEnvironmentVariable("LAMBDA_TESTS_NO_SKIP") != "1")
        {
            Assert.Skip(reason);
        }

        string folder = Directory.CreateTempSubdirectory("lambda-parts-").FullName;
        Task<PostgresCluster> starts = PostgresCluster.StartAsync();
        await using KafkaBroker broker = await KafkaBroker.StartAsync();
        await using PostgresCluster postgres = await starts;
        string connection = postgres.ConnectionString(await postgres.CreateDatabaseAsync());
        string runs = Path.Combine(folder, "history", Beat.Stream, "runs");
        Dictionary<string, string> settings = new()
        {
            ["LAMBDA_Kafka__BootstrapServers"] = broker.Bootstrap,
            ["LAMBDA_Postgres__ConnectionString"] = connection,
            ["LAMBDA_History"] = Path.Combine(folder, "history"),
            ["LAMBDA_PartEvents"] = "100",
            ["LAMBDA_Workers"] = "1",
            ["LAMBDA_ArchiveSchedule"] = "0 0 29 2 *",
            ["LAMBDA_RecomputeSchedule"] = "0 0 29 2 *",
        };
        await File.WriteAllTextAsync(
            Path.Combine(folder, "appsettings.json"), """{"Logging": {"LogLevel": {"Lambda.Batch.Recompute.Parts": "Information"}}}""", Cancellation);
        AppProcess first = StartProcess(settings, folder, "first");
        AppProcess second = StartProcess(settings, folder, "second");
        try
        {
            using Api apiOfFirst = new(await first.AddressAsync());
            using Api apiOfSecond = new(await second.AddressAsync());
            List<Beat> beats = Produce(broker.Bootstrap);
            await apiOfFirst.CaughtUpAsync(Beat.Stream);
            string run = await apiOfFirst.StartRunAsync(Beat.Stream);

            // The one that has taken the run lives on.
            await apiOfFirst.MomentAsync(run, _ => HasRun(first) || HasRun(second));
            (AppProcess leader, AppProcess helper, Api api) = HasRun(first) ? (first, second, apiOfFirst) : (second, first, apiOfSecond);
            await KillAtWorkAsync(helper, connection, runs, () => api.GetAsync(run));
            JsonElement ended = await api.UntilAsync(run, status => status.GetProperty("endedAt").ValueKind != JsonValueKind.Null);

            Assert.True(ended.GetProperty("state").GetString() == "published", ended.GetRawText());
            Assert.Contains("[3041]", leader.Output, StringComparison.Ordinal);
            Assert.Contains("[3048]", leader.Output, StringComparison.Ordinal);
            Assert.Contains($"process {helper.Id}: ", leader.Output, StringComparison.Ordinal);
            Assert.Contains($"process {leader.Id}: ", leader.Output, StringComparison.Ordinal);
            Assert.Empty(Directory.EnumerateDirectories(runs));
            await CheckAsync(api, beats);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            throw new InvalidOperationException($"One process:\n{first.Output}\nThe other:\n{second.Output}", error);
        }
        finally
        {
            await first.DisposeAsync();
            await second.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Whether a process has cut a run into parts.</summary>
    private static bool HasRun(AppProcess process) => process.Output.Contains("[3042]", StringComparison.Ordinal);

    private static AppProcess StartProcess(Dictionary<string, string> settings, string folder, string name) => AppProcess.Start(
        typeof(Beat).Assembly.Location, settings, ["run", "--urls", "http://127.0.0.1:0", "--data", Path.Combine(folder, name)], folder);

    /// <summary>Kills a process that has computed a part and has another one in hand.</summary>
    private static async Task KillAtWorkAsync(AppProcess process, string connection, string runs, Func<Task<JsonElement>> status)
    {
        await using NpgsqlConnection jobs = new(connection);
        await jobs.OpenAsync(Cancellation);
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            JsonElement now = await status();
            Assert.True(now.GetProperty("endedAt").ValueKind == JsonValueKind.Null, $"The run has ended: {now.GetRawText()}");
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(60), $"No part came to the process: {now.GetRawText()}");
            if (process.Output.Contains("[3041]", StringComparison.Ordinal))
            {
                await process.HaltAsync();
                await using NpgsqlCommand inHand = new(
                    """
                    SELECT j.arguments::jsonb ->> 2 FROM lambda_jobs.job j JOIN lambda_jobs.state s ON s.id = j.stateid
                    WHERE j.statename = 'Processing' AND s.data::jsonb ->> 'ServerId' LIKE $1
                    """,
                    jobs);
                inHand.Parameters.Add(new NpgsqlParameter { Value = $"parts:{process.Id}:%" });
                if (await inHand.ExecuteScalarAsync(Cancellation) is string part
                    && Directory.GetFiles(runs, $"{int.Parse(part, CultureInfo.InvariantCulture):0000}.result", SearchOption.AllDirectories).Length == 0)
                {
                    await process.KillAsync();
                    return;
                }

                await process.ContinueAsync();
            }

            await Task.Delay(20, Cancellation);
        }
    }

    /// <summary>Beats of many days, some of them twice and some that the row check refuses, each sensor's in a partition.</summary>
    private static List<Beat> Produce(string bootstrap)
    {
        Random random = new(4);
        List<Beat> beats = [];
        using IProducer<Null, byte[]> producer = new ProducerBuilder<Null, byte[]>(
            new ProducerConfig { BootstrapServers = bootstrap, EnableIdempotence = true, QueueBufferingMaxMessages = 1_000_000 }).Build();
        for (int i = 0; i < Days * BeatsPerDay; i++)
        {
            DateTime at = Start.AddDays(i / BeatsPerDay).AddMilliseconds(i % BeatsPerDay * 400);
            Beat beat = random.Next(20) == 0 && beats.Count > 0
                ? beats[^random.Next(1, Math.Min(50, beats.Count + 1))]
                : new Beat($"b{i}", at, $"sensor {random.Next(Sensors)}", random.Next(15) == 0 ? Beat.LeastValue - 1 : random.Next(1, 1000));
            beats.Add(beat);
            int partition = int.Parse(beat.Sensor.Split(' ')[1], CultureInfo.InvariantCulture) % Beat.Partitions;
            producer.Produce(
                new TopicPartition(Beat.Stream, partition),
                new Message<Null, byte[]> { Value = JsonSerializer.SerializeToUtf8Bytes(beat, JsonSerializerOptions.Web) });
        }

        producer.Flush(Cancellation);
        return beats;
    }

    private static async Task CheckAsync(Api api, List<Beat> beats)
    {
        string[] expected =
        [
            .. beats.DistinctBy(beat => beat.Id).Where(beat => beat.Value >= Beat.LeastValue)
                .GroupBy(beat => (beat.Sensor, Minute: beat.At.Ticks / TimeSpan.TicksPerMinute))
                .Select(window => $"{window.Key.Sensor} {window.Key.Minute}: {window.Count()}, {window.Sum(beat => beat.Value)}, {window.Max(beat => beat.Value)}")
                .Order(StringComparer.Ordinal),
        ];
        JsonElement answer = await api.GetAsync($"/api/views/{Beat.SensorView}?layer=batch&limit=100000");
        Assert.False(answer.GetProperty("truncated").GetBoolean());
        string[] actual =
        [
            .. answer.GetProperty("rows").EnumerateArray().Select(row =>
            {
                JsonElement values = row.GetProperty("values");
                long minute = row.GetProperty("windowStart").GetDateTimeOffset().Ticks / TimeSpan.TicksPerMinute;
                return $"{row.GetProperty("key").GetProperty("sensor").GetString()} {minute}: "
                    + $"{values.GetProperty("beats")}, {values.GetProperty("value")}, {values.GetProperty("highest")}";
            }).Order(StringComparer.Ordinal),
        ];
        Assert.Equal(expected, actual);
    }
}
