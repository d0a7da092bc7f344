using Dapper;
using DuckDB.NET.Data;

namespace Lambda.Store.Embedded.Database;

/// <summary>
/// Folds the write-ahead log into the database file beside the commits. These go on meanwhile as far as they add rows; DuckDB has those that change or delete some wait, and it waits itself
/// for appends that are open. So that no batch work waits in the middle, its end is waited for unless the log has become much longer.
/// </summary>
internal sealed class BackgroundCheckpoint(StoreFile file, ParallelAppends appends, long threshold) : IAsyncDisposable
{
    /// <summary>How many times its threshold the log may reach while batch work goes on.</summary>
    private const int Patience = 4;

    private readonly Lock _gate = new();

    /// <summary>The streams on which batch work goes on. One whose work has ended without a word stays until it is begun and ended again, and costs no more than patience.</summary>
    private readonly HashSet<string> _atWork = new(StringComparer.Ordinal);
    private Task _running = Task.CompletedTask;
    private bool _stopped;

    /// <summary>Batch work on a stream has begun.</summary>
    public void PutOff(string stream)
    {
        lock (_gate)
        {
            _atWork.Add(stream);
        }
    }

    /// <summary>Batch work on a stream has ended.</summary>
    public void Resume(string stream)
    {
        lock (_gate)
        {
            _atWork.Remove(stream);
        }

        StartIfDue();
    }

    /// <summary>Starts a checkpoint unless one is running or the log is short.</summary>
    public void StartIfDue()
    {
        lock (_gate)
        {
            if (!_stopped && _running.IsCompleted && file.LogLength >= (_atWork.Count == 0 ? threshold : threshold * Patience))
            {
                _running = Task.Run(RunAsync);
            }
        }
    }

    /// <summary>Waits for a checkpoint that is running.</summary>
    public Task IdleAsync()
    {
        lock (_gate)
        {
            return _running;
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _stopped = true;
        }

        await IdleAsync().ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        using IDisposable pause = await appends.PauseAsync().ConfigureAwait(false);
        try
        {
            using DuckDBConnection connection = file.Connect();
            connection.Execute("CHECKPOINT");
        }
        catch (Exception failure) when (failure is DuckDBException or ViewStoreException)
        {
            // Nothing is lost: the log holds every commit, and the next one starts another attempt. What keeps checkpoints from working, such
            // as a full disk, keeps commits from working too, and they report it.
        }
    }
}
