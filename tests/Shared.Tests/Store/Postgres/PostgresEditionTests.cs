using Lambda.Store;
using Lambda.Store.Postgres;
using Lambda.TestSupport.Postgres;
using Lambda.Views;
using Lambda.Views.Partials;
using Xunit;

namespace Lambda.Tests.Store.Postgres;

/// <summary>Editions that processes share, each with a store object of its own.</summary>
public sealed class PostgresEditionTests(PostgresFixture fixture)
{
    private const int Partitions = 2;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>
    /// One process commits what answers, one what follows, one asks all the while and one promotes: as each offset is one event, what a snapshot counts is what it
    /// says is committed, whichever edition it is of.
    /// </summary>
    [Fact]
    public async Task While_editions_take_over_from_one_another_under_load_every_snapshot_counts_each_offset_once()
    {
        PostgresCluster cluster = await fixture.GetAsync();
        string database = cluster.ConnectionString(await cluster.CreateDatabaseAsync());
        PartialLayout view = Sample.View();
        await using PostgresViewStore promoting = await OpenAsync(database);
        await promoting.RegisterAsync(Sample.Registration(Partitions, view), Token);
        await using PostgresViewStore answering = await OpenAsync(database);
        await answering.RegisterAsync(Sample.Registration(Partitions, view), Token);
        await using PostgresViewStore following = await OpenAsync(database);
        await following.RegisterAsync(Sample.Registration(Partitions, view), Token);
        await promoting.BeginReplayAsync(Sample.Stream, [view], Boundary.Zero(Partitions), Token);

        // An edition that nobody has owned yet computes nothing, and could not be promoted again.
        for (int partition = 0; partition < Partitions; partition++)
        {
            await answering.ClaimAsync(Sample.Stream, partition, Token);
        }

        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(Token);
        List<Task> working =
        [
            .. Enumerable.Range(0, Partitions).Select(partition => Task.Run(() => AnswerAsync(answering, view, partition, end.Token), Token)),
            .. Enumerable.Range(0, Partitions).Select(partition => Task.Run(() => FollowAsync(following, view, partition, end.Token), Token)),
        ];
        Task asking = Task.Run(() => AskAsync(promoting, view, end.Token), Token);
        for (int promotion = 1; promotion <= 6; promotion++)
        {
            await PromoteAsync(promoting, view, promotion % 2);
            await promoting.RegisterAsync(Sample.Registration(Partitions, view), Token);
        }

        await end.CancelAsync();
        await Task.WhenAll([.. working, asking]);
        Assert.Equal(0, (await promoting.ReadStreamAsync(Sample.Stream, Token))!.Edition);
        IReadOnlyList<EditionInfo> editions = await promoting.ReadEditionsAsync(Sample.Stream, Token);
        Assert.Equal([EditionState.Live, EditionState.Kept], editions.Select(edition => edition.State));
    }

    private static async Task PromoteAsync(PostgresViewStore store, PartialLayout view, int edition)
    {
        BatchLease lease = (await store.TryAcquireLeaseAsync(Sample.Stream, "a", TimeSpan.FromMinutes(1), Token))!;
        await store.HoldAsync(lease, TimeSpan.FromSeconds(20), Token);
        while (true)
        {
            try
            {
                await store.PromoteAsync(lease, edition, [view], Token);
                return;
            }
            catch (IncompleteEditionException)
            {
                await Task.Delay(5, Token);
            }
        }
    }

    /// <summary>The owner of what answers: an event at each offset, and epochs that end now and then.</summary>
    private static async Task AnswerAsync(PostgresViewStore store, PartialLayout view, int partition, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            PartitionClaim claim = await store.ClaimAsync(Sample.Stream, partition, Token);
            await GoOnAsync(store, view, partition, claim, async (start, next) =>
            {
                SealRequest request;
                while ((request = await store.ReadSealRequestAsync(Sample.Stream, partition, Token)) == SealRequest.Hold && !end.IsCancellationRequested)
                {
                    await Task.Delay(1, Token);
                }

                return end.IsCancellationRequested ? null : (next + 1, next + 1 - start >= 7 ? EpochEnd.Seal : EpochEnd.KeepOpen);
            });
        }
    }

    /// <summary>The owner of the other edition, which does as it is bound to.</summary>
    private static async Task FollowAsync(PostgresViewStore store, PartialLayout view, int partition, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            EditionInfo? edition = (await store.ReadEditionsAsync(Sample.Stream, Token)).FirstOrDefault(known => known.State != EditionState.Live);
            try
            {
                PartitionClaim claim = await store.ClaimAsync(edition!.Lane, partition, Token);
                await GoOnAsync(store, view, partition, claim, async (start, next) =>
                {
                    while (!end.IsCancellationRequested)
                    {
                        FollowBound bound = await store.ReadFollowBoundAsync(Sample.Stream, partition, next > start ? next : next + 1, Token);
                        if (bound.SealAt == next)
                        {
                            return (next, EpochEnd.Seal);
                        }

                        // The lane may have become what answers: then this is refused, and it looks again.
                        long limit = Math.Min(bound.Limit, bound.SealAt ?? bound.Limit);
                        if (limit > next)
                        {
                            return (limit, limit == bound.SealAt ? EpochEnd.Seal : EpochEnd.KeepOpen);
                        }

                        if ((await store.ReadEditionsAsync(Sample.Stream, Token)).All(known => known.Lane != claim.Lane))
                        {
                            return null;
                        }

                        await Task.Delay(1, Token);
                    }

                    return null;
                });
            }
            catch (EditionChangedException)
            {
                // It answers since the look.
            }
        }
    }

    /// <summary>Commits as it is told until the edition has become another.</summary>
    private static async Task GoOnAsync(
        PostgresViewStore store, PartialLayout view, int partition, PartitionClaim claim, Func<long, long, Task<(long Next, EpochEnd End)?>> decide)
    {
        long start = claim.NextOffset;
        long next = start;
        long epoch = claim.Epoch;
        try
        {
            while (await decide(start, next) is { } step)
            {
                PartialBatch[] partials = step.Next > start ? [Sample.Batch(view, ("a", 1, step.Next - start))] : [];
                await store.CommitAsync(
                    Sample.Commit(partition, claim.Fence, epoch, step.Next, partials) with
                    {
                        Stream = claim.Lane ?? Sample.Stream,
                        Edition = claim.Edition,
                        EpochEnd = step.End,
                    },
                    Token);
                next = step.Next;
                if (step.End == EpochEnd.Seal)
                {
                    start = next;
                    epoch++;
                }
            }
        }
        catch (Exception change) when (change is EditionChangedException or FencedException)
        {
            // To be claimed again. It is the same edition once more if it was promoted twice meanwhile, but then of another claim.
        }
    }

    private static async Task AskAsync(PostgresViewStore store, PartialLayout view, CancellationToken end)
    {
        long most = 0;
        while (!end.IsCancellationRequested)
        {
            ViewSnapshot snapshot = await store.ReadViewAsync(Sample.Read(view, ReadScope.Merged), Token);
            long committed = snapshot.Stream.Partitions.Sum(partition => partition.NextOffset);
            Assert.Equal(committed, snapshot.Speed.EventCounts.Values[..snapshot.Speed.Count].ToArray().Sum());
            Assert.True(committed >= most, $"Answers went back from {most} to {committed} events.");
            most = committed;
        }

        Assert.True(most > 0);
    }

    private static Task<PostgresViewStore> OpenAsync(string database) =>
        PostgresViewStore.OpenAsync(new PostgresStoreOptions { ConnectionString = database }, TimeProvider.System, Token);
}
