using System.Collections.Concurrent;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Dapper;
using Lambda.Log;
using Lambda.Log.Kafka;
using Lambda.Log.Kafka.Groups;
using Lambda.Store.Postgres;
using Lambda.Store.Postgres.Seats;
using Lambda.Tests.Store.Postgres;
using Lambda.TestSupport.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Xunit;

namespace Lambda.Tests.Log.Kafka;

/// <summary>Members that have their names from the seats of a store. The group would wait for ten minutes for one that it misses, and no test can.</summary>
public sealed class KafkaSeatTests(SharedBroker broker, PostgresFixture fixture)
{
    private const string Stream = "events";
    private const int Partitions = 4;

    private static readonly TimeSpan SessionTimeout = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<StreamPartition, GroupMember> _owners = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_process_that_comes_in_the_place_of_one_that_was_killed_has_its_partitions_at_once()
    {
        KafkaOptions options = await StreamAsync();
        string store = await StoreAsync();
        await using GroupMember staying = Join(options, Seats(store));
        await OwnsAsync(staying, Partitions);
        await using MemberProcess killed = MemberProcess.Start(options, Stream, store);
        await killed.OwnsAsync(Partitions / 2, Cancel);
        await OwnsAsync(staying, Partitions / 2);

        killed.Kill();
        await using MemberProcess next = MemberProcess.Start(options, Stream, store);

        await next.OwnsAsync(Partitions / 2, Cancel).WaitAsync(Patience, Cancel);
        Assert.Equal(Partitions / 2, _owners.Count);
        Assert.Empty(staying.Violations);
    }

    [Fact]
    public async Task The_only_process_that_was_killed_has_its_partitions_again_as_soon_as_it_is_back()
    {
        KafkaOptions options = await StreamAsync();
        string store = await StoreAsync();
        await using MemberProcess killed = MemberProcess.Start(options, Stream, store);
        await killed.OwnsAsync(Partitions, Cancel);
        killed.Kill();

        await using MemberProcess next = MemberProcess.Start(options, Stream, store);

        await next.OwnsAsync(Partitions, Cancel).WaitAsync(Patience, Cancel);
    }

    [Fact]
    public async Task Partitions_spread_over_three_and_those_of_one_that_leaves_go_to_the_others_at_once()
    {
        KafkaOptions options = await StreamAsync();
        string store = await StoreAsync();
        await using GroupMember first = Join(options, Seats(store));
        await OwnsAsync(first, Partitions);
        await using GroupMember second = Join(options, Seats(store));
        await OwnsAsync(second, Partitions / 2);
        await using GroupMember third = Join(options, Seats(store));
        await OwnsAsync(third, 1);
        Assert.Equal(["0", "1", "2"], await SeatsInGroupAsync(options));

        await first.LeaveAsync();
        await OwnsAsync(second, Partitions / 2);
        await OwnsAsync(third, Partitions / 2);
        Assert.Equal(["1", "2"], await SeatsInGroupAsync(options));
        await second.LeaveAsync();
        await OwnsAsync(third, Partitions);
        await third.LeaveAsync();

        Assert.Empty(_owners);
        Assert.Empty(first.Violations.Concat(second.Violations).Concat(third.Violations));
        Assert.Equal(0, first.Lost + second.Lost + third.Lost);
        Assert.Empty(await SeatsInGroupAsync(options));
    }

    [Fact]
    public async Task One_that_leaves_before_it_was_given_anything_is_not_waited_for()
    {
        KafkaOptions options = await StreamAsync();
        string store = await StoreAsync();
        await using GroupMember staying = Join(options, Seats(store));
        await OwnsAsync(staying, Partitions);
        await using (Join(options, Seats(store)))
        {
            // The group lets it in when the other one has come to the next heartbeat.
            while ((await SeatsInGroupAsync(options)).Count < 2)
            {
                Cancel.ThrowIfCancellationRequested();
            }
        }

        await OwnsAsync(staying, Partitions);
        Assert.Equal(["0"], await SeatsInGroupAsync(options));
    }

    [Fact]
    public async Task One_whose_seat_was_taken_by_another_takes_the_next_and_both_take_part()
    {
        KafkaOptions options = await StreamAsync();
        string store = await StoreAsync();
        StandingTime time = new();
        await using GroupMember robbed = Join(options, Seats(store, time));
        await OwnsAsync(robbed, Partitions);
        await using (await TakeFromItsHolderAsync(store))
        {
            // It has tried to take its seat again at once, and by its clock does not come to try a second time.
            await time.PausedAsync();
        }

        await using GroupMember other = Join(options, Seats(store));

        await OwnsAsync(other, Partitions / 2);
        await OwnsAsync(robbed, Partitions / 2);
        Assert.Equal(Partitions, robbed.Lost);
        Assert.Equal(0, other.Lost);
        Assert.Equal(["0", "1"], await SeatsInGroupAsync(options));
    }

    /// <summary>As behind a pooler that gives one connection to both, which is no way to use it.</summary>
    [Fact]
    public async Task Two_that_are_given_the_same_name_do_not_take_turns_for_ever()
    {
        KafkaOptions options = await StreamAsync();
        await using GroupMember first = Join(options, new SameSeat());
        await OwnsAsync(first, Partitions);

        await using GroupMember second = Join(options, new SameSeat());

        await OwnsAsync(second, Partitions / 2);
        await OwnsAsync(first, Partitions / 2);
        Assert.NotEqual(0, first.Lost);
    }

    [Theory]
    [InlineData(KafkaGroupProtocol.Cooperative, "mine")]
    [InlineData(KafkaGroupProtocol.Broker, null)]
    public async Task A_name_of_the_user_and_the_protocol_of_the_brokers_go_without_seats(KafkaGroupProtocol protocol, string? name)
    {
        KafkaOptions options = await StreamAsync() with
        {
            GroupProtocol = protocol,
            ConsumerSettings = name is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["group.instance.id"] = name },
        };
        SameSeat seats = new();

        await using GroupMember member = Join(options, seats);

        await OwnsAsync(member, Partitions);
        Assert.Equal(0, seats.Taken);
    }

    [Fact]
    public async Task Where_no_seat_can_be_had_a_process_takes_part_without()
    {
        KafkaOptions options = await StreamAsync();

        await using GroupMember member = Join(options, Seats("Host=127.0.0.1;Port=1;Database=views;Username=app"));

        await OwnsAsync(member, Partitions);
        await member.LeaveAsync();
        Assert.Empty(_owners);
    }

    [Fact]
    public async Task One_that_takes_part_without_a_seat_has_one_when_the_database_is_back()
    {
        await fixture.GetAsync();
        await using PostgresCluster cluster = await PostgresCluster.StartAsync();
        string store = await StoreAsync(cluster);
        KafkaOptions options = await StreamAsync();
        FakeTimeProvider time = new();
        await cluster.KillServerAsync();
        await using GroupMember late = GroupMember.Join(options, _owners, [Stream], seats: Seats(store), time: time);
        await OwnsAsync(late, Partitions);
        Assert.Equal([""], await SeatsInGroupAsync(options));
        await cluster.StartServerAsync();

        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(Patience);
        while (!(await SeatsInGroupAsync(options)).SequenceEqual(["0"]))
        {
            limit.Token.ThrowIfCancellationRequested();
            time.Advance(Seating.BetweenAttempts);
        }

        await OwnsAsync(late, Partitions);
        await using GroupMember next = Join(options, Seats(store));
        await OwnsAsync(next, Partitions / 2);
        await OwnsAsync(late, Partitions / 2);
        Assert.Equal(["0", "1"], await SeatsInGroupAsync(options));
        await late.LeaveAsync();
        await OwnsAsync(next, Partitions);
        Assert.Empty(late.Violations.Concat(next.Violations));
        Assert.Equal(0, late.Lost + next.Lost);
    }

    /// <summary>Ends the connection that holds the lowest seat, and has its lock before anybody else can.</summary>
    private static async Task<NpgsqlConnection> TakeFromItsHolderAsync(string store)
    {
        NpgsqlConnection robber = new(store + ";Pooling=false");
        await robber.OpenAsync(Cancel);
        await using NpgsqlConnection control = new(store);
        (int holder, int key) = await control.QuerySingleAsync<(int, int)>(
            $"SELECT pid, objid::bigint::bit(32)::int FROM pg_locks WHERE classid = {SeatLock.Class} AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");
        Task waiting = robber.ExecuteAsync($"SELECT pg_advisory_lock({SeatLock.Class}, {key})");
        while (!await control.ExecuteScalarAsync<bool>($"SELECT EXISTS (SELECT FROM pg_locks WHERE pid = {robber.ProcessID} AND NOT granted)"))
        {
            await Task.Yield();
        }

        await control.ExecuteAsync($"SELECT pg_terminate_backend({holder})");
        await waiting;
        return robber;
    }

    private static PostgresSeats Seats(string store, TimeProvider? time = null) =>
        new(new PostgresStoreOptions { ConnectionString = store }, time ?? TimeProvider.System, NullLogger.Instance);

    private static Task OwnsAsync(GroupMember member, int partitions) => member.HasAsync(partitions, Cancel).WaitAsync(Patience, Cancel);

    /// <summary>The numbers of the seats by which the broker knows the members.</summary>
    private static async Task<IReadOnlyList<string>> SeatsInGroupAsync(KafkaOptions options)
    {
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = options.BootstrapServers }).Build();
        DescribeConsumerGroupsResult group = await admin.DescribeConsumerGroupsAsync([options.GroupId]);
        return [.. group.ConsumerGroupDescriptions[0].Members.Select(member => (member.GroupInstanceId ?? "").Split('-')[^1]).Order(StringComparer.Ordinal)];
    }

    private async Task<KafkaOptions> StreamAsync()
    {
        KafkaOptions options = await broker.NewOptionsAsync() with { SessionTimeout = SessionTimeout };
        await using KafkaLog log = KafkaLog.Open(options, TimeProvider.System);
        await log.EnsureStreamAsync(Stream, Partitions, Cancel);
        return options;
    }

    private async Task<string> StoreAsync() => await StoreAsync(await fixture.GetAsync());

    private static async Task<string> StoreAsync(PostgresCluster cluster)
    {
        string connectionString = cluster.ConnectionString(await cluster.CreateDatabaseAsync());
        await using PostgresViewStore store = await PostgresViewStore.OpenAsync(
            new PostgresStoreOptions { ConnectionString = connectionString }, TimeProvider.System, Cancel);
        return connectionString;
    }

    private GroupMember Join(KafkaOptions options, ISeats seats) => GroupMember.Join(options, _owners, [Stream], seats: seats);

    /// <summary>Gives everybody the same seat.</summary>
    private sealed class SameSeat : ISeats, ISeat
    {
        public string Name => "same";

        public int Taken { get; private set; }

        public ValueTask<ISeat?> TakeAsync(string group, CancellationToken cancellationToken)
        {
            Taken++;
            return ValueTask.FromResult<ISeat?>(this);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    /// <summary>A clock by which nothing that is waited for ever comes.</summary>
    private sealed class StandingTime : TimeProvider
    {
        private readonly TaskCompletionSource _paused = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Completes when a seat has failed to be taken again.</summary>
        public Task PausedAsync() => _paused.Task.WaitAsync(Patience, Cancel);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime == PostgresSeat.BetweenAttempts)
            {
                _paused.TrySetResult();
            }

            return System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
