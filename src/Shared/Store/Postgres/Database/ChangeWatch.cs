using Dapper;

namespace Lambda.Store.Postgres.Database;

/// <summary>
/// Notices what other processes change. It asks now and then how many changes there were, which costs a read of a few rows: NOTIFY would let all commits
/// of a database wait for one lock. It begins when somebody first wants to know, so that processes which only write ask nothing.
/// </summary>
internal sealed class ChangeWatch : IAsyncDisposable
{
    /// <summary>How long a change of another process stays unnoticed at most, but for the time of the query.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly PostgresDatabase _database;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lazy<Task> _asking;
    private long _noticed;

    private ChangeWatch(PostgresDatabase database, TimeProvider time, long changes)
    {
        _database = database;
        _time = time;
        _asking = new Lazy<Task>(() => Task.Run(() => AskAsync(changes)));
    }

    /// <summary>How often changes were noticed.</summary>
    public long Noticed
    {
        get
        {
            _ = _asking.Value;
            return Interlocked.Read(ref _noticed);
        }
    }

    /// <summary>A watch that notices what is changed from now on.</summary>
    /// <exception cref="ViewStoreException">The database cannot be read.</exception>
    public static async Task<ChangeWatch> BeginAsync(PostgresDatabase database, TimeProvider time, CancellationToken cancellationToken) =>
        new(database, time, await ReadAsync(database, cancellationToken).ConfigureAwait(false));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_asking.IsValueCreated)
        {
            await _asking.Value.ConfigureAwait(false);
        }

        _stop.Dispose();
    }

    private static ValueTask<long> ReadAsync(PostgresDatabase database, CancellationToken cancellationToken) => database.ReadAsync(
        async connection => await connection.ExecuteScalarAsync<long>(
            "SELECT coalesce(sum(changes), 0)::bigint FROM (SELECT changes FROM streams UNION ALL SELECT changes FROM partitions) AS counted")
            .ConfigureAwait(false),
        cancellationToken);

    private async Task AskAsync(long changes)
    {
        using PeriodicTimer timer = new(Interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                try
                {
                    long found = await ReadAsync(_database, _stop.Token).ConfigureAwait(false);
                    if (found != changes)
                    {
                        changes = found;
                        Interlocked.Increment(ref _noticed);
                    }
                }
                catch (ViewStoreException)
                {
                    // Whoever reads while the database is away is told so by the read itself; the next question is asked in time.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The store is closed.
        }
    }
}
