using Dapper;
using Lambda.Log;
using Lambda.Store.Postgres;
using Lambda.Store.Postgres.Seats;
using Lambda.TestSupport.Postgres;
using Microsoft.Extensions.Logging;
using Npgsql;
using Xunit;

namespace Lambda.Tests.Store.Postgres;

/// <summary>Who has which seat, whatever becomes of the connections that hold them.</summary>
public sealed class PostgresSeatTests(PostgresFixture fixture)
{
    private const string Group = "group";
    private const int Lost = 5003;
    private const int TakenAgain = 5004;

    private const string OfThisDatabase = "locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_lowest_that_is_free_is_taken_and_has_the_name_it_always_had()
    {
        string store = await StoreAsync();
        await using PostgresSeats seats = Seats(store);
        await using PostgresSeats others = Seats(store);
        ISeat first = await TakeAsync(seats);
        await using ISeat second = await TakeAsync(others);
        await using ISeat third = await TakeAsync(seats);
        Assert.Equal(["0", "1", "2"], ((ISeat[])[first, second, third]).Select(Number));
        Assert.Matches("^lambda-[0-9a-f]+-0$", first.Name);

        await first.DisposeAsync();
        await using ISeat again = await TakeAsync(others);
        await using ISeat next = await TakeAsync(others);

        Assert.Equal(first.Name, again.Name);
        Assert.Equal("3", Number(next));
    }

    [Fact]
    public async Task Each_group_has_its_own_and_each_store_other_names()
    {
        PostgresCluster cluster = await fixture.GetAsync();
        string connectionString = cluster.ConnectionString(await cluster.CreateDatabaseAsync());
        await using PostgresSeats one = Seats(await StoreAsync(connectionString), schema: "lambda");
        await using PostgresSeats other = Seats(await StoreAsync(connectionString, "other"), schema: "other");

        await using ISeat seat = await TakeAsync(one);
        await using ISeat ofOtherGroup = (await one.TakeAsync("other group", Token))!;
        await using ISeat ofOtherStore = await TakeAsync(other);

        Assert.Equal(["0", "0", "0"], ((ISeat[])[seat, ofOtherGroup, ofOtherStore]).Select(Number));
        Assert.NotEqual(seat.Name, ofOtherStore.Name);
    }

    [Fact]
    public async Task One_whose_connection_has_ended_is_taken_again_before_others_come()
    {
        string store = await StoreAsync();
        Lines lines = new();
        await using PostgresSeats seats = Seats(store, lines);
        await using ISeat seat = await TakeAsync(seats);
        await using NpgsqlConnection control = new(store);
        for (int round = 1; round <= 3; round++)
        {
            await control.ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM pg_locks WHERE {OfThisDatabase}");
            await lines.SaidAsync(TakenAgain, round);
        }

        await using ISeat next = await TakeAsync(seats);
        Assert.Equal(["0", "1"], ((ISeat[])[seat, next]).Select(Number));
        Assert.Equal(3, lines.Count(Lost));
    }

    [Fact]
    public async Task One_is_taken_again_when_the_server_is_back()
    {
        await fixture.GetAsync();
        await using PostgresCluster cluster = await PostgresCluster.StartAsync();
        string store = await StoreAsync(cluster.ConnectionString(await cluster.CreateDatabaseAsync()));
        Lines lines = new();
        await using PostgresSeats seats = Seats(store, lines);
        await using ISeat seat = await TakeAsync(seats);

        await cluster.KillServerAsync();
        await lines.SaidAsync(Lost, 1);
        await using (PostgresSeats meanwhile = Seats(store, lines))
        {
            Assert.Null(await meanwhile.TakeAsync(Group, Token));
        }

        await cluster.StartServerAsync();
        await lines.SaidAsync(TakenAgain, 1);

        // However many attempts it took, one warning was enough.
        Assert.Equal(1, lines.Count(Lost));
        await using ISeat next = await TakeAsync(seats);
        Assert.Equal("1", Number(next));
    }

    [Fact]
    public async Task One_that_another_has_taken_meanwhile_stays_the_other_s_and_is_had_again_after_it()
    {
        string store = await StoreAsync();
        Lines lines = new();
        await using PostgresSeats seats = Seats(store, lines);
        await using ISeat seat = await TakeAsync(seats);
        await using NpgsqlConnection control = new(store);
        await control.OpenAsync(Token);
        (int holder, int key) = await control.QuerySingleAsync<(int, int)>($"SELECT pid, objid::bigint::bit(32)::int FROM pg_locks WHERE {OfThisDatabase}");
        await using NpgsqlConnection other = new(store + ";Pooling=false");
        await other.OpenAsync(Token);
        Task taking = other.ExecuteAsync($"SELECT pg_advisory_lock({SeatLock.Class}, {key})");
        while (!await control.ExecuteScalarAsync<bool>($"SELECT EXISTS (SELECT FROM pg_locks WHERE pid = {other.ProcessID} AND NOT granted)"))
        {
            Assert.False(taking.IsCompleted);
        }

        await control.ExecuteAsync($"SELECT pg_terminate_backend({holder})");
        await taking;
        await lines.SaidAsync(Lost, 1);
        Assert.Equal(0, lines.Count(TakenAgain));

        await other.CloseAsync();

        await lines.SaidAsync(TakenAgain, 1);
    }

    [Fact]
    public async Task One_can_be_given_back_while_the_server_is_away()
    {
        await fixture.GetAsync();
        await using PostgresCluster cluster = await PostgresCluster.StartAsync();
        string store = await StoreAsync(cluster.ConnectionString(await cluster.CreateDatabaseAsync()));
        Lines lines = new();
        await using PostgresSeats seats = Seats(store, lines);
        ISeat seat = await TakeAsync(seats);
        await cluster.KillServerAsync();
        await lines.SaidAsync(Lost, 1);

        await seat.DisposeAsync().AsTask().WaitAsync(Patience, Token);
    }

    private static string Number(ISeat seat) => seat.Name.Split('-')[^1];

    private static async Task<ISeat> TakeAsync(PostgresSeats seats)
    {
        ISeat? seat = await seats.TakeAsync(Group, Token);
        Assert.NotNull(seat);
        return seat;
    }

    private static PostgresSeats Seats(string store, ILogger? logger = null, string schema = "lambda") =>
        new(new PostgresStoreOptions { ConnectionString = store, Schema = schema }, TimeProvider.System, logger ?? new Lines());

    private static async Task<string> StoreAsync(string connectionString, string schema = "lambda")
    {
        PostgresStoreOptions options = new() { ConnectionString = connectionString, Schema = schema };
        await (await PostgresViewStore.OpenAsync(options, TimeProvider.System, Token)).DisposeAsync();
        return connectionString;
    }

    private async Task<string> StoreAsync()
    {
        PostgresCluster cluster = await fixture.GetAsync();
        return await StoreAsync(cluster.ConnectionString(await cluster.CreateDatabaseAsync()));
    }

    /// <summary>Counts what is logged, by its event id.</summary>
    private sealed class Lines : ILogger
    {
        private readonly Lock _lock = new();
        private readonly List<int> _said = [];
        private TaskCompletionSource _change = New();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lock)
            {
                _said.Add(eventId.Id);
                _change.TrySetResult();
                _change = New();
            }
        }

        public int Count(int id)
        {
            lock (_lock)
            {
                return _said.Count(said => said == id);
            }
        }

        /// <summary>Completes when an event was logged so many times.</summary>
        public async Task SaidAsync(int id, int times)
        {
            while (true)
            {
                Task change;
                lock (_lock)
                {
                    if (_said.Count(said => said == id) >= times)
                    {
                        return;
                    }

                    change = _change.Task;
                }

                await change.WaitAsync(Patience, Token);
            }
        }

        private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
