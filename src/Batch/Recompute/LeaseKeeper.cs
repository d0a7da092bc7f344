using Lambda.Store;

namespace Lambda.Batch.Recompute;

/// <summary>Holds a stream's batch lease and renews it in the background; <see cref="Lost"/> fires when that fails.</summary>
internal sealed class LeaseKeeper : IAsyncDisposable
{
    private const int RenewalsPerLease = 3;

    private readonly IBatchStore _store;
    private readonly TimeProvider _time;
    private readonly TimeSpan _duration;
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _renewal;

    private LeaseKeeper(IBatchStore store, TimeProvider time, BatchLease lease, TimeSpan duration)
    {
        _store = store;
        _time = time;
        _duration = duration;
        Lease = lease;
        _renewal = RenewAsync();
    }

    /// <summary>What is held.</summary>
    public BatchLease Lease { get; }

    /// <summary>Fires when the lease is no longer held for certain.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Why it was lost; null while it is held.</summary>
    public Exception? Reason { get; private set; }

    /// <summary>Takes the lease; null when another owner has it.</summary>
    public static async Task<LeaseKeeper?> TryAcquireAsync(
        IBatchStore store, TimeProvider time, string stream, string owner, TimeSpan duration, CancellationToken cancellationToken)
    {
        BatchLease? lease = await store.TryAcquireLeaseAsync(stream, owner, duration, cancellationToken).ConfigureAwait(false);
        return lease is null ? null : new LeaseKeeper(store, time, lease, duration);
    }

    /// <summary>Takes the lease, and waits for it while another owner has it.</summary>
    public static async Task<LeaseKeeper> AcquireAsync(
        IBatchStore store, TimeProvider time, string stream, BatchOptions options, CancellationToken cancellationToken) =>
        (await AcquireAsync(store, time, stream, options, WhenBusy.Wait, new Progress<RunProgress>(), cancellationToken).ConfigureAwait(false))!;

    /// <summary>Takes the lease; null when another owner has it who is not to be waited for.</summary>
    public static async Task<LeaseKeeper?> AcquireAsync(
        IBatchStore store,
        TimeProvider time,
        string stream,
        BatchOptions options,
        WhenBusy whenBusy,
        IProgress<RunProgress> progress,
        CancellationToken cancellationToken)
    {
        string owner = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid():N}";
        while (true)
        {
            LeaseKeeper? lease = await TryAcquireAsync(store, time, stream, owner, options.LeaseDuration, cancellationToken).ConfigureAwait(false);
            if (lease is not null || whenBusy == WhenBusy.End)
            {
                return lease;
            }

            progress.Report(RunProgress.Waiting);
            await Task.Delay(options.LeasePollInterval, time, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync().ConfigureAwait(false);
        await _renewal.ConfigureAwait(false);
        try
        {
            await _store.ReleaseLeaseAsync(Lease, CancellationToken.None).ConfigureAwait(false);
        }
        catch (ViewStoreException)
        {
            // The lease runs out by itself; the run's own outcome matters more than a late word of thanks.
        }

        _lost.Dispose();
        _ended.Dispose();
    }

    private async Task RenewAsync()
    {
        using PeriodicTimer timer = new(_duration / RenewalsPerLease, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_ended.Token).ConfigureAwait(false))
            {
                await _store.RenewLeaseAsync(Lease, _duration, _ended.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // The run is over.
        }
        catch (Exception error) when (error is ViewStoreException or IOException or TimeoutException)
        {
            Reason = error;
            await _lost.CancelAsync().ConfigureAwait(false);
        }
    }
}
