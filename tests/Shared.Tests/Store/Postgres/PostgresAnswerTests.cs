using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using Dapper;
using Lambda.Events;
using Lambda.Log;
using Lambda.Processing;
using Lambda.Store;
using Lambda.Store.Postgres;
using Lambda.TestSupport.Postgres;
using Lambda.Time;
using Lambda.Views;
using Lambda.Views.Composing;
using Lambda.Views.Partials;
using Lambda.Views.Plans;
using Lambda.Windows;
using Npgsql;
using Xunit;

namespace Lambda.Tests.Store.Postgres;

/// <summary>SQL views say what the kernel says of the same partials.</summary>
public sealed class PostgresAnswerTests(PostgresFixture fixture, ITestOutputHelper output)
{
    private const long Minute = 60_000_000;
    private static readonly StreamDefinition Stream = Ride.Stream();
    private static readonly StreamPlan Plan = new(Stream);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_sql_view_says_what_the_kernel_composes_of_the_same_partials(int seed)
    {
        Random random = new(seed);
        PostgresCluster cluster = await fixture.GetAsync();
        string database = cluster.ConnectionString(await cluster.CreateDatabaseAsync());
        await using PostgresViewStore store = await PostgresViewStore.OpenAsync(
            new PostgresStoreOptions { ConnectionString = database, PieceSize = 4 }, TimeProvider.System, Token);
        await store.RegisterAsync(new StreamRegistration(Stream.Name, 2, [.. Stream.Views.Select(view => view.Layout)]), Token);
        Partition[] partitions =
            [new(store, await store.ClaimAsync(Stream.Name, 0, Token), 0, random), new(store, await store.ClaimAsync(Stream.Name, 1, Token), 1, random)];
        await using NpgsqlConnection connection = new(database);

        await EachAsync(partitions, partition => partition.RunAsync(80, EpochRule.Seal));
        Boundary boundary = new(partitions.Select(partition => partition.NextOffset));
        await EachAsync(partitions, partition => partition.RunAsync(60, EpochRule.Seal));
        await EachAsync(partitions, partition => partition.RunAsync(40, EpochRule.KeepOpen));
        await CompareAsync(store, connection, "speed layer alone");
        await PublishAsync(store, boundary);
        await CompareAsync(store, connection, "published in the middle");
        await EachAsync(partitions, partition => partition.RunAsync(50, EpochRule.KeepOpen));
        await CompareAsync(store, connection, "gone on");
    }

    [Fact]
    public async Task Windows_of_a_count_have_no_sql_view()
    {
        PostgresCluster cluster = await fixture.GetAsync();
        string database = cluster.ConnectionString(await cluster.CreateDatabaseAsync());
        await using PostgresViewStore store = await PostgresViewStore.OpenAsync(
            new PostgresStoreOptions { ConnectionString = database }, TimeProvider.System, Token);
        await store.RegisterAsync(new StreamRegistration(Stream.Name, 2, [.. Stream.Views.Select(view => view.Layout)]), Token);
        await using NpgsqlConnection connection = new(database);

        Assert.Equal(
            Stream.Views.Select(view => $"rides.{view.Name}").Except(["rides.counted"]).Order(StringComparer.Ordinal),
            (await connection.QueryAsync<string>("SELECT viewname FROM pg_views WHERE schemaname = 'lambda_views'")).Order(StringComparer.Ordinal));
    }

    private static async Task EachAsync(Partition[] partitions, Func<Partition, Task> step)
    {
        foreach (Partition partition in partitions)
        {
            await step(partition);
        }
    }

    /// <summary>A generation that keeps all events below the boundary, those that were late too, as the batch layer does.</summary>
    private static async Task PublishAsync(PostgresViewStore store, Boundary boundary)
    {
        BatchLease lease = (await store.TryAcquireLeaseAsync(Stream.Name, "a", TimeSpan.FromMinutes(5), Token))!;
        PartialLayout[] layouts = [.. Stream.Views.Select(view => view.Layout)];
        long generation = await store.BeginGenerationAsync(lease, new GenerationPlan(1, boundary, layouts), Token);
        foreach (PartialLayout layout in layouts)
        {
            await foreach (PartialBatch partials in store.ReadSpeedAsync(layout, Boundary.Zero(2), boundary, WindowRange.All, KeyPiece.All, Token))
            {
                partials.Missed.Clear();
                partials.Missed.Append(partials.Count).Clear();
                await store.WriteGenerationAsync(lease, generation, PartialKind.Kept, partials, Token);
            }
        }

        AuditReport passed = new(Stream.Name, generation, DateTimeOffset.UtcNow, AuditOutcome.Passed, []);
        await store.PublishAsync(lease, generation, new Publication(passed, [], []), Token);
    }

    private async Task CompareAsync(PostgresViewStore store, NpgsqlConnection connection, string when)
    {
        foreach (ViewDefinition view in Stream.Views.Where(view => view.Window is not CountWindows))
        {
            IReadOnlyList<string> expected = await ComposeAsync(store, view);
            IReadOnlyList<string> actual = await SelectAsync(connection, view);
            output.WriteLine($"{when}, {view.Name}: {expected.Count} windows");
            Assert.NotEmpty(expected);
            Assert.Equal(expected, actual);
        }
    }

    private static async Task<IReadOnlyList<string>> ComposeAsync(PostgresViewStore store, ViewDefinition view)
    {
        ViewSnapshot snapshot = await store.ReadViewAsync(
            new ViewRead(view.Layout, WindowRange.All, new Dictionary<int, object?>(), ReadScope.Merged), Token);
        WindowComposer composer = new(view);
        PartialSource kept = composer.AddSource(PartialSelection.Accepted, SourceRole.Result);
        PartialSource accepted = composer.AddSource(PartialSelection.Accepted, SourceRole.Result);
        foreach (PartialBatch partials in snapshot.Batch.Values)
        {
            composer.Add(kept, partials);
        }

        composer.Add(accepted, snapshot.Speed);
        return
        [
            .. composer.Compose(TimeWindow.All).Select(row => string.Join(
                "; ",
                [
                    .. row.Key.Parts.Select((part, i) => (view.Keys[i], part is long instant && view.Keys[i].Type == ColumnType.Timestamp ? Instant(instant) : part))
                        .Select(part => $"{part.Item1.Name} {Text(part.Item2)}"),
                    $"{Text(Instant(row.Start))} to {Text(Instant(row.End))}",
                    $"{row.EventCount} events",
                    .. view.Aggregates.Select((aggregate, i) => $"{aggregate.Name} {Text(row.Results[i])}")
                        .Where(result => !result.StartsWith($"{Ride.LeftOut} ", StringComparison.Ordinal)),
                ])).Order(StringComparer.Ordinal),
        ];
    }

    private static async Task<IReadOnlyList<string>> SelectAsync(NpgsqlConnection connection, ViewDefinition view)
    {
        // Names are written as in answers; PostgreSQL takes them as lower case.
        string[] keys = [.. view.Keys.Select(key => key.Name)];
        string[] results = [.. view.Aggregates.Select(aggregate => aggregate.Name).Except([Ride.LeftOut])];
        List<string> rows = [];
        foreach (IDictionary<string, object?> row in await connection.QueryAsync(
            $"SELECT {string.Join(", ", [.. keys, "window_start", "window_end", "event_count", .. results])} FROM lambda_views.\"rides.{view.Name}\""))
        {
            object?[] values = [.. row.Values];
            rows.Add(string.Join(
                "; ",
                [
                    .. keys.Select((key, i) => $"{key} {Text(values[i])}"),
                    $"{Text(values[keys.Length])} to {Text(values[keys.Length + 1])}",
                    $"{values[keys.Length + 2]} events",
                    .. results.Select((result, i) => $"{result} {Text(values[keys.Length + 3 + i])}"),
                ]));
        }

        return [.. rows.Order(StringComparer.Ordinal)];
    }

    private static DateTime Instant(long microseconds) => DateTime.UnixEpoch.AddTicks(
        (microseconds > UtcMicroseconds.MaxValue ? UtcMicroseconds.MaxValue : microseconds) * TimeSpan.TicksPerMicrosecond);

    private static string Text(object? value) => value switch
    {
        null => "null",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        decimal number => Math.Round(number, 24).ToString("0.############################", CultureInfo.InvariantCulture),
        long or int or Int128 or BigInteger => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        DateTimeOffset instant => Text(instant.UtcDateTime),
        DateTime instant => instant.ToString("O", CultureInfo.InvariantCulture)[..26].Replace("9999-12-31T23:59:59.999999", "the end", StringComparison.Ordinal)
            .Replace("T00:00:00.000000", "", StringComparison.Ordinal),
        DateOnly day => day.ToString("O", CultureInfo.InvariantCulture),
        _ => $"{value}",
    };

    /// <summary>The speed layer of a partition, over events made up at random.</summary>
    private sealed class Partition(PostgresViewStore store, PartitionClaim claim, int partition, Random random)
    {
        private readonly PartitionPipeline _pipeline = new(Plan, partition, claim);
        private long _clock = UtcMicroseconds.FromDateTime(new DateTime(2024, 3, 30, 20, 0, 0, DateTimeKind.Utc));

        public long NextOffset => _pipeline.NextOffset;

        public async Task RunAsync(int events, EpochRule end)
        {
            using RecordBatch records = new();
            records.BeginRead(NextOffset);
            for (int i = 0; i < events; i++)
            {
                _clock += random.Next(3) * Minute;
                long time = _clock - (random.Next(3) == 0 ? random.NextInt64(120 * Minute) : 0);
                Ride ride = new(
                    $"{partition}-{records.NextOffset}",
                    UtcMicroseconds.ToDateTime(time),
                    random.Next(4) switch { 0 => null, 1 => "Köln 🚕", 2 => "", _ => "Ulm" },
                    random.Next(5) == 0 ? long.MaxValue - random.Next(9) : random.Next(-500, 500),
                    random.Next(6) switch { 0 => -0.0, 1 => random.NextDouble() * 1e15, 2 => -random.NextDouble(), _ => random.NextDouble() * 100 },
                    (decimal)random.Next(-9999, 9999) / 100,
                    random.Next(2) == 0,
                    new DateOnly(2024, 3, 30).AddDays(random.Next(3)),
                    TimeSpan.FromMicroseconds(random.NextInt64(1_000_000_000)),
                    (Weather)random.Next(2));
                records.Add(records.NextOffset, time, [], Encoding.UTF8.GetBytes(JsonSerializer.Serialize(ride, JsonSerializerOptions.Web)));
            }

            _pipeline.Process(records);
            SpeedCommit commit = _pipeline.TakeCommit(end);
            Assert.Empty(commit.Quarantine);
            await store.CommitAsync(commit, Token);
            if (end == EpochRule.Seal)
            {
                _pipeline.StartEpoch();
            }
        }
    }
}
