using System.Collections.Concurrent;
using Dapper;
using DuckDB.NET.Data;
using Lambda.Store.Embedded.Tables;

namespace Lambda.Store.Embedded.Database;

/// <summary>
/// Connections and transactions. Writes go through one connection, one at a time, but for rows that nobody can see yet: these are appended beside them, and only take
/// effect in turn. Reads have connections of their own and see the state of their first statement throughout.
/// </summary>
internal sealed class StoreDatabase : IAsyncDisposable
{
    /// <summary>How many appends run at once, and how many writes to different tables. Each holds its rows in memory, and more than a few have no core to run on.</summary>
    private const int MostAtOnce = 4;

    private readonly StoreFile _file;
    private readonly DuckDBConnection _writer;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly SemaphoreSlim _reading;
    private readonly ConcurrentBag<DuckDBConnection> _readers = [];
    private readonly int _maxReaders;
    private readonly ParallelAppends _appends;
    private readonly ParallelWrites _writes;
    private readonly BackgroundCheckpoint _checkpoint;
    private long _commits;
    private long _seenCommits;
    private int _disposed;

    private StoreDatabase(StoreFile file, DuckDBConnection writer, EmbeddedStoreOptions options)
    {
        _file = file;
        _writer = writer;
        _maxReaders = options.MaxReaders;
        _reading = new SemaphoreSlim(options.MaxReaders, options.MaxReaders);
        _appends = new ParallelAppends(file, MostAtOnce);
        _writes = new ParallelWrites(file, MostAtOnce);
        _checkpoint = new BackgroundCheckpoint(file, _appends, options.CheckpointMegabytes * 1024L * 1024);
    }

    /// <summary>How many transactions have changed the store since it was opened.</summary>
    public long Commits => Interlocked.Read(ref _commits);

    /// <summary>How many of these may have changed more than <see cref="WriteEffect.Unseen"/> does.</summary>
    public long SeenCommits => Interlocked.Read(ref _seenCommits);

    /// <summary>Folds the log into the file.</summary>
    public BackgroundCheckpoint Checkpoint => _checkpoint;

    /// <summary>Opens the database and brings its tables up to date.</summary>
    /// <exception cref="ViewStoreException">It cannot be opened, or a newer version has written it.</exception>
    public static StoreDatabase Open(EmbeddedStoreOptions options)
    {
        StoreFile file = StoreFile.Take(options);
        DuckDBConnection? writer = null;
        try
        {
            writer = file.Connect();
            Migrations.Apply(writer, file.FullPath);
            return new StoreDatabase(file, writer, options);
        }
        catch (Exception failure)
        {
            writer?.Dispose();
            file.Dispose();
            if (failure is DuckDBException)
            {
                throw file.Unreadable(failure);
            }

            throw;
        }
    }

    /// <summary>Runs <paramref name="work"/> in a transaction of its own, which is durable when the task completes; nothing of it stays when it throws.</summary>
    /// <exception cref="ViewStoreException">The database refused it.</exception>
    public ValueTask<T> WriteAsync<T>(Func<DuckDBConnection, T> work, CancellationToken cancellationToken) => WriteAsync(work, WriteEffect.Seen, cancellationToken);

    /// <inheritdoc cref="WriteAsync{T}(Func{DuckDBConnection, T}, CancellationToken)"/>
    public async ValueTask<T> WriteAsync<T>(Func<DuckDBConnection, T> work, WriteEffect effect, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // Once begun it runs to its end: a caller that stops waiting must not leave the outcome to chance.
            return await Task.Run(() => Commit(work, effect), CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
            _checkpoint.StartIfDue();
        }
    }

    /// <summary>
    /// Does several works on what nobody can see yet beside each other while nobody else writes, each in a transaction of its own. They are durable when the task completes; when it fails, some may have taken effect and
    /// others not.
    /// </summary>
    /// <param name="check">Reads what the works need to know, and throws if by what is in the store they may not take effect.</param>
    /// <param name="works">No two of them write to the same table.</param>
    /// <param name="cancellationToken">Ends the wait for a turn.</param>
    /// <exception cref="ViewStoreException">The database refused one of them.</exception>
    public async ValueTask WriteInParallelAsync<T>(
        Func<DuckDBConnection, T> check, IReadOnlyList<Action<DuckDBConnection, T>> works, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            T known = await Task.Run(() => check(_writer), CancellationToken.None).ConfigureAwait(false);
            try
            {
                await _writes.RunAsync(works, known).ConfigureAwait(false);
            }
            finally
            {
                // Others may have taken effect where one has failed.
                Interlocked.Increment(ref _commits);
            }
        }
        catch (DuckDBException failure)
        {
            throw Refused(failure);
        }
        finally
        {
            _writing.Release();
            _checkpoint.StartIfDue();
        }
    }

    /// <summary>
    /// Appends rows in a transaction of its own, beside those of others, which is durable when the task completes; nothing of it stays when it throws. It takes effect
    /// while nobody else writes.
    /// </summary>
    /// <param name="append">Appends, and neither reads nor changes anything.</param>
    /// <param name="check">Throws if the rows may not take effect by what is in the store then; until that has ended nobody can change it.</param>
    /// <param name="cancellationToken">Ends the wait for a turn.</param>
    /// <exception cref="ViewStoreException">The database refused it.</exception>
    public async ValueTask AppendAsync(Action<DuckDBConnection> append, Action<DuckDBConnection> check, CancellationToken cancellationToken)
    {
        try
        {
            using ParallelAppends.Transaction transaction = await _appends.BeginAsync(cancellationToken).ConfigureAwait(false);
            await Task.Run(() => append(transaction.Connection), CancellationToken.None).ConfigureAwait(false);
            await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await Task.Run(
                    () =>
                    {
                        check(_writer);
                        transaction.Commit();
                    },
                    CancellationToken.None).ConfigureAwait(false);
                Interlocked.Increment(ref _commits);
            }
            finally
            {
                _writing.Release();
            }
        }
        catch (DuckDBException failure)
        {
            throw Refused(failure);
        }
        finally
        {
            _checkpoint.StartIfDue();
        }
    }

    /// <summary>Runs <paramref name="work"/> on a snapshot.</summary>
    /// <exception cref="ViewStoreException">The database refused it.</exception>
    public async ValueTask<T> ReadAsync<T>(Func<DuckDBConnection, T> work, CancellationToken cancellationToken)
    {
        await using SnapshotReader reader = await OpenReaderAsync(cancellationToken).ConfigureAwait(false);
        return await reader.RunAsync(work, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens a snapshot for a read of several steps.</summary>
    public async ValueTask<SnapshotReader> OpenReaderAsync(CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken).ConfigureAwait(false);
        DuckDBConnection? connection = null;
        try
        {
            if (!_readers.TryTake(out connection))
            {
                connection = _file.Connect();
            }

            connection.Execute("BEGIN TRANSACTION READ ONLY");
            return new SnapshotReader(this, connection);
        }
        catch (Exception failure)
        {
            connection?.Dispose();
            _reading.Release();
            if (failure is DuckDBException)
            {
                throw Refused(failure);
            }

            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _checkpoint.DisposeAsync().ConfigureAwait(false);
        await _appends.DisposeAsync().ConfigureAwait(false);
        await _writing.WaitAsync().ConfigureAwait(false);
        for (int i = 0; i < _maxReaders; i++)
        {
            await _reading.WaitAsync().ConfigureAwait(false);
        }

        foreach (DuckDBConnection reader in _readers)
        {
            reader.Dispose();
        }

        _writes.Dispose();
        _writer.Dispose();
        _file.Dispose();
        _writing.Dispose();
        _reading.Dispose();
    }

    internal void Return(DuckDBConnection reader)
    {
        try
        {
            reader.Execute("COMMIT");
            _readers.Add(reader);
        }
        catch (DuckDBException)
        {
            // A snapshot that cannot be ended has nothing to lose: the next read gets a new connection.
            reader.Dispose();
        }
        finally
        {
            _reading.Release();
        }
    }

    internal ViewStoreException Refused(Exception failure) => new(
        $"The view store '{_file.FullPath}' refused an operation: {failure.Message} If the disk is full, make room; if the message speaks of an "
        + "invalidated database, restart the process.",
        failure);

    private T Commit<T>(Func<DuckDBConnection, T> work, WriteEffect effect)
    {
        try
        {
            T result = StoreTransaction.Run(_writer, work);
            if (effect == WriteEffect.Seen)
            {
                Interlocked.Increment(ref _seenCommits);
            }

            Interlocked.Increment(ref _commits);
            return result;
        }
        catch (DuckDBException failure)
        {
            throw Refused(failure);
        }
    }
}
