using Dapper;
using Lambda.Store;
using Lambda.Store.Postgres;
using Lambda.TestSupport.Postgres;
using Lambda.Views;
using Lambda.Views.Partials;
using Lambda.Windows;
using Npgsql;
using Xunit;

namespace Lambda.Tests.Store.Postgres;

/// <summary>
/// A new owner's look for live sessions took as long as the table of partials was large: there is no index on the ends of sessions. It passes over
/// the epochs that cannot have any, which shows here by partials that are, against the rules, later than the last event of their epoch.
/// </summary>
public sealed class PostgresLiveSessionTests(PostgresFixture fixture)
{
    private static readonly PartialLayout View = Sample.View() with { Addressing = PartialAddressing.Session };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Epochs_whose_last_event_is_of_long_ago_are_not_looked_at()
    {
        await using PostgresViewStore store = await OpenAsync(await DatabaseAsync());
        await FillAsync(store);
        Assert.Equal([2, 3, 4], await LiveAsync(store));
    }

    /// <summary>Those that an earlier version of the program has sealed have no time of their last event; the ones behind them tell.</summary>
    [Fact]
    public async Task Epochs_of_which_it_is_not_known_are_looked_at_unless_a_later_one_is_of_long_ago()
    {
        PostgresStoreOptions options = await DatabaseAsync();
        await using PostgresViewStore store = await OpenAsync(options);
        await FillAsync(store);
        await using NpgsqlConnection connection = new(options.ConnectionString);

        await connection.ExecuteAsync("UPDATE lambda.sealed_epochs SET max_event_time = NULL WHERE epoch = 2");
        Assert.Equal([2, 3, 4], await LiveAsync(store));
        await connection.ExecuteAsync("UPDATE lambda.sealed_epochs SET max_event_time = NULL WHERE epoch = 1");
        Assert.Equal([1, 2, 3, 4], await LiveAsync(store));
        await connection.ExecuteAsync("UPDATE lambda.sealed_epochs SET max_event_time = @before WHERE epoch = 2", new { before = 3 * Sample.Hour });
        Assert.Equal([3, 4], await LiveAsync(store));
    }

    /// <summary>
    /// Four epochs of one partition, the last of them sealed by the claim, whose last events are of 3, 8, 8 and 9 o'clock; each has a session until
    /// 12.
    /// </summary>
    private static async Task FillAsync(PostgresViewStore store)
    {
        await store.RegisterAsync(Sample.Registration(1, View), Token);
        PartitionClaim claim = await store.ClaimAsync(Sample.Stream, 0, Token);
        foreach ((int epoch, int hour) in (IEnumerable<(int, int)>)[(1, 3), (2, 8), (3, 8), (4, 9)])
        {
            PartialBatch batch = new(View);
            Sample.Add(batch, "a", epoch, 0, events: 1);
            batch.LiveSessions!.Add(new TimeWindow(epoch * Sample.Hour, 12 * Sample.Hour));
            await store.CommitAsync(
                Sample.Commit(0, claim.Fence, epoch, 10 * epoch, batch) with
                {
                    MaxEventTime = hour * Sample.Hour,
                    EpochEnd = epoch < 4 ? EpochEnd.Seal : EpochEnd.KeepOpen,
                },
                Token);
        }

        await store.ClaimAsync(Sample.Stream, 0, Token);
    }

    /// <summary>The epochs in which there are live sessions, where they have an event at 6 o'clock or later.</summary>
    private static async Task<IReadOnlyList<long>> LiveAsync(PostgresViewStore store)
    {
        PartialBatch live = await store.ReadLiveSessionsAsync(View, View.Stream, 0, new LiveSessionBound(7 * Sample.Hour, Sample.Hour), Token);
        return [.. live.Starts.Values.ToArray().Select(start => start / Sample.Hour).Order()];
    }

    private static Task<PostgresViewStore> OpenAsync(PostgresStoreOptions options) =>
        PostgresViewStore.OpenAsync(options, TimeProvider.System, Token);

    private async Task<PostgresStoreOptions> DatabaseAsync()
    {
        PostgresCluster cluster = await fixture.GetAsync();
        return new PostgresStoreOptions { ConnectionString = cluster.ConnectionString(await cluster.CreateDatabaseAsync()) };
    }
}
