using System.Diagnostics;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Lambda.CrashApp;
using Lambda.EndToEnd.Tests.Running;
using Lambda.Log;
using Lambda.Log.Kafka;
using Lambda.Log.Kafka.Groups;
using Lambda.Store.Postgres.Seats;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Lambda.EndToEnd.Tests.Instances;

/// <summary>
/// Processes that are known to their group by seats of the store, with nothing configured but that the group waits for four minutes for one that it misses. That is longer than anything
/// here waits, so partitions go on because of the seats.
/// </summary>
public class SeatTests
{
    private static readonly TimeSpan SessionTimeout = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_is_started_for_one_that_was_killed_goes_on_with_its_partitions_at_once()
    {
        Installation.RequireParts();
        await using Installation installation = await Installation.StartAsync(SessionTimeout);
        await Task.WhenAll(installation.StartSpeedAsync(), installation.StartSpeedAsync(), installation.StartSpeedAsync());
        await using BeatProducer producer = new(installation.Broker.Bootstrap, seed: 21);
        using Api api = await installation.ApiAsync();
        await SendWhileAsync(producer, async () =>
        {
            await AcceptedAsync(api, 500);
            foreach (AppProcess process in installation.Speed)
            {
                Assert.True(installation.TryTake(process));
                await process.KillAsync();
                await installation.StartSpeedAsync();
            }

            await AcceptedAsync(api, 500);
        });

        await InstancesAudit.SettleAsync(installation, producer, api);
        installation.RequireAlive();
        Assert.Equal(["0", "1", "2"], (await SeatsAsync(installation)).Select(Number));
    }

    [Fact]
    public async Task One_that_loses_the_connection_of_its_seat_works_on_and_one_whose_name_another_takes_goes_on_by_another()
    {
        Installation.RequireParts();
        await using Installation installation = await Installation.StartAsync(SessionTimeout);
        AppProcess process = await installation.StartSpeedAsync();
        await using BeatProducer producer = new(installation.Broker.Bootstrap, seed: 22);
        using Api api = await installation.ApiAsync();
        await SendWhileAsync(producer, async () =>
        {
            await AcceptedAsync(api, 500);
            await EndSeatConnectionAsync(installation);
            await AcceptedAsync(api, 500);
            Assert.DoesNotContain("has lost", process.Output, StringComparison.Ordinal);
            await TakeNameAsync(installation, Assert.Single(await SeatsAsync(installation)));
            await AcceptedAsync(api, 500);
        });

        await InstancesAudit.SettleAsync(installation, producer, api);
        installation.RequireAlive();
        Assert.Equal("1", Number(Assert.Single(await SeatsAsync(installation))));
        Assert.Contains("[1014]", process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_that_lose_their_seats_at_once_have_them_again_and_lose_nothing_else()
    {
        Installation.RequireParts();
        await using Installation installation = await Installation.StartAsync(SessionTimeout);
        await Task.WhenAll(installation.StartSpeedAsync(), installation.StartSpeedAsync(), installation.StartSpeedAsync());
        await using BeatProducer producer = new(installation.Broker.Bootstrap, seed: 23);
        using Api api = await installation.ApiAsync();
        await SendWhileAsync(producer, async () =>
        {
            await AcceptedAsync(api, 500);
            await EndSeatConnectionsAsync(installation);
            await HoldSeatsAsync(installation, 3);
            await AcceptedAsync(api, 500);
            await installation.WithoutAsync(installation.Postgres.KillServerAsync, TimeSpan.Zero, installation.Postgres.StartServerAsync);
            await HoldSeatsAsync(installation, 3);
            await ShareEvenlyAsync(installation, partitions: Installation.Partitions / 3);
            await AcceptedAsync(api, 500);
        });

        await InstancesAudit.SettleAsync(installation, producer, api);
        installation.RequireAlive();
        Assert.Equal(["0", "1", "2"], (await SeatsAsync(installation)).Select(Number));
        Assert.All(installation.Speed, process => Assert.DoesNotContain("[1014]", process.Output, StringComparison.Ordinal));
        Assert.All(installation.Speed, process => Assert.DoesNotContain("has lost", process.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task All_whose_names_others_have_taken_meanwhile_are_fenced_at_once_and_go_on_by_others()
    {
        Installation.RequireParts();
        await using Installation installation = await Installation.StartAsync(SessionTimeout);
        await Task.WhenAll(installation.StartSpeedAsync(), installation.StartSpeedAsync(), installation.StartSpeedAsync());
        IReadOnlyList<AppProcess> first = installation.Speed;
        await using BeatProducer producer = new(installation.Broker.Bootstrap, seed: 24);
        using Api api = await installation.ApiAsync();
        await SendWhileAsync(producer, async () =>
        {
            await AcceptedAsync(api, 500);
            await Task.WhenAll(first.Select(process => process.HaltAsync()));
            await EndSeatConnectionsAsync(installation);
            await HoldSeatsAsync(installation, 0);
            await Task.WhenAll(installation.StartSpeedAsync(), installation.StartSpeedAsync(), installation.StartSpeedAsync());
            await AcceptedAsync(api, 500);

            await Task.WhenAll(first.Select(process => process.ContinueAsync()));
            await ShareEvenlyAsync(installation, partitions: Installation.Partitions / 6);
            await AcceptedAsync(api, 500);
        });

        await InstancesAudit.SettleAsync(installation, producer, api);
        installation.RequireAlive();
        Assert.Equal(["0", "1", "2", "3", "4", "5"], (await SeatsAsync(installation)).Select(Number));
        Assert.All(first, process => Assert.Contains("[1014]", process.Output, StringComparison.Ordinal));
        Assert.All(installation.Speed.Except(first), process => Assert.DoesNotContain("[1014]", process.Output, StringComparison.Ordinal));
    }

    /// <summary>Takes part in the group by a name that another has, gets its partitions, computes nothing, and leaves when the other one has taken another name.</summary>
    private static async Task TakeNameAsync(Installation installation, string name)
    {
        KafkaOptions options = new()
        {
            BootstrapServers = installation.Broker.Bootstrap,
            GroupId = Installation.Group,
            SessionTimeout = installation.SessionTimeout,
        };
        await using KafkaPartitionGroup group = new(options, TimeProvider.System, NullLogger.Instance, new GivenSeat(name));
        using CancellationTokenSource leave = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task taking = group.RunAsync([Beat.Stream], new Idler(), leave.Token);
        await UntilAsync(async () => (await SeatsAsync(installation)).Count == 2, "the one that had the name has another");
        await leave.CancelAsync();
        await taking;
    }

    /// <summary>Ends the connection that holds a seat, and waits until another one does.</summary>
    private static async Task EndSeatConnectionAsync(Installation installation)
    {
        int before = Assert.Single(await EndSeatConnectionsAsync(installation));
        await UntilAsync(async () => await HoldersAsync(installation) is [int holder] && holder != before, "the seat is held again");
    }

    /// <summary>Ends all connections that hold seats.</summary>
    /// <returns>The processes of the server that they had.</returns>
    private static async Task<IReadOnlyList<int>> EndSeatConnectionsAsync(Installation installation)
    {
        IReadOnlyList<int> before = await HoldersAsync(installation);
        Assert.NotEmpty(before);
        await using NpgsqlConnection connection = new(installation.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(Cancellation);
        await using NpgsqlCommand end = new("SELECT pg_terminate_backend(pid) FROM unnest(@pids) pid", connection);
        end.Parameters.AddWithValue("pids", before.ToArray());
        await end.ExecuteNonQueryAsync(Cancellation);
        await UntilAsync(async () => !(await HoldersAsync(installation)).Intersect(before).Any(), "the connections have ended");
        return before;
    }

    private static Task HoldSeatsAsync(Installation installation, int count) =>
        UntilAsync(async () => (await HoldersAsync(installation)).Count == count, $"{count} seats are held");

    /// <summary>Waits until each process of the speed layer computes as many partitions as every other.</summary>
    private static async Task ShareEvenlyAsync(Installation installation, int partitions)
    {
        foreach (AppProcess process in installation.Speed)
        {
            using Api its = new(await process.AddressAsync());
            await UntilAsync(async () => await Figures.OwnedAsync(its) == partitions, $"a process has {partitions} partitions");
        }
    }

    /// <summary>The processes of the server whose connections hold seats.</summary>
    private static async Task<IReadOnlyList<int>> HoldersAsync(Installation installation)
    {
        await using NpgsqlConnection connection = new(installation.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(Cancellation);
        await using NpgsqlCommand find = new(
            $"SELECT coalesce(array_agg(pid), '{{}}') FROM pg_locks WHERE locktype = 'advisory' AND classid = {SeatLock.Class} AND granted", connection);
        return (int[])(await find.ExecuteScalarAsync(Cancellation))!;
    }

    /// <summary>The names by which the broker knows the members.</summary>
    private static async Task<IReadOnlyList<string>> SeatsAsync(Installation installation)
    {
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = installation.Broker.Bootstrap }).Build();
        DescribeConsumerGroupsResult group = await admin.DescribeConsumerGroupsAsync([Installation.Group]);
        return [.. group.ConsumerGroupDescriptions[0].Members.Select(member => member.GroupInstanceId).Order(StringComparer.Ordinal)];
    }

    private static string Number(string seat) => seat.Split('-')[^1];

    private static async Task UntilAsync(Func<Task<bool>> isThere, string what)
    {
        long started = Stopwatch.GetTimestamp();
        while (!await isThere())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"It did not come to be that {what}.");
            await Task.Delay(TimeSpan.FromMilliseconds(50), Cancellation);
        }
    }

    /// <summary>Waits until so many more records were computed.</summary>
    private static async Task AcceptedAsync(Api api, int more)
    {
        const string Status = $"/api/streams/{Beat.Stream}";
        long before = (await api.GetAsync(Status)).GetProperty("accepted").GetInt64();
        await api.UntilAsync(Status, stream => stream.GetProperty("accepted").GetInt64() >= before + more);
    }

    private static async Task SendWhileAsync(BeatProducer producer, Func<Task> work)
    {
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task sending = Task.Run(() => producer.SendUntilAsync(perSecond: 250, enough.Token), Cancellation);
        await work();
        await enough.CancelAsync();
        await sending;
    }

    private sealed class GivenSeat(string name) : ISeats, ISeat
    {
        public string Name => name;

        public ValueTask<ISeat?> TakeAsync(string group, CancellationToken cancellationToken) => ValueTask.FromResult<ISeat?>(this);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Idler : IPartitionGroupMember
    {
        public ValueTask AssignAsync(IReadOnlyList<StreamPartition> partitions, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask RevokeAsync(IReadOnlyList<StreamPartition> partitions, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask LoseAsync(IReadOnlyList<StreamPartition> partitions, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }
}
