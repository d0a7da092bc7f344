using Dapper;
using DuckDB.NET.Data;

namespace Lambda.Store.Embedded.Database;

/// <summary>Folds the write-ahead log into the database file beside the commits, which go on meanwhile; long appends wait, as DuckDB does nothing while one is open.</summary>
internal sealed class BackgroundCheckpoint(StoreFile file, ParallelAppends appends, long threshold) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private Task _running = Task.CompletedTask;
    private bool _stopped;

    /// <summary>Starts a checkpoint unless one is running or the log is short.</summary>
    public void StartIfDue()
    {
        lock (_gate)
        {
            if (!_stopped && _running.IsCompleted && file.LogLength >= threshold)
            {
                _running = Task.Run(RunAsync);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task running;
        lock (_gate)
        {
            _stopped = true;
            running = _running;
        }

        await running.ConfigureAwait(false);
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
