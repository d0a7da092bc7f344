using System.Collections.Concurrent;
using DuckDB.NET.Data;

namespace Lambda.Store.Embedded.Database;

/// <summary>What is asked for again and again, by everybody who waits for something.</summary>
internal enum ControlRead
{
    SealRequest,
    Epochs,
    Status,
    Gaps,
}

/// <summary>
/// Answers that hold for as long as nothing is committed that could change them: nobody but this process changes the store. A partition without events asks five times a second whether its epoch
/// is to end, and each statement takes DuckDB half a millisecond to plan.
/// </summary>
internal sealed class RememberedReads(StoreDatabase database)
{
    private readonly ConcurrentDictionary<(ControlRead Read, string Stream, int Partition), Answer> _answers = [];

    /// <summary>Reads on a snapshot, or gives the answer of the last read if nothing that can be seen has been committed since.</summary>
    /// <param name="read">What is read.</param>
    /// <param name="stream">The stream, or the lane of an edition of it.</param>
    /// <param name="partition">The partition; 0 where it is of all.</param>
    /// <param name="work">Reads it; what it gives is shared and must not change.</param>
    /// <param name="holds">Whether an answer depends on nothing but what is committed.</param>
    /// <param name="cancellationToken">Ends the wait for a connection.</param>
    /// <exception cref="ViewStoreException">The database refused it.</exception>
    public async ValueTask<T> ReadAsync<T>(
        ControlRead read, string stream, int partition, Func<DuckDBConnection, T> work, Func<T, bool> holds, CancellationToken cancellationToken)
    {
        // Counted before the snapshot is taken: a commit in between makes the answer newer than its number, and it is asked for once more.
        long commits = database.SeenCommits;
        if (_answers.TryGetValue((read, stream, partition), out Answer? known) && known.Commits == commits)
        {
            return ((Answer<T>)known).Value;
        }

        T value = await database.ReadAsync(work, cancellationToken).ConfigureAwait(false);
        if (holds(value))
        {
            _answers[(read, stream, partition)] = new Answer<T>(commits, value);
        }

        return value;
    }

    private abstract record Answer(long Commits);

    private sealed record Answer<T>(long Commits, T Value) : Answer(Commits);
}
