using System.Diagnostics;
using Lambda.Batch.Archive;
using Lambda.Batch.Recompute;
using Lambda.Batch.Telemetry;
using Lambda.Store;

namespace Lambda.Batch;

/// <summary>Does the batch layer's work on a stream, now and in the caller's own time. Schedules, the dashboard and the command line call it.</summary>
internal sealed class BatchRunner(
    BatchStreams streams, RecomputeRun recompute, StreamArchiver archiver, LogTrimmer trimmer, IViewStore store, TimeProvider time, BatchOptions options,
    BatchMetrics metrics)
{
    /// <summary>Recomputes a stream's views, and waits for its turn while another run holds the stream.</summary>
    /// <exception cref="BatchException">There is no such stream, or another run took over.</exception>
    /// <exception cref="OperationCanceledException">Asked to stop; nothing that is served has changed.</exception>
    public Task<RunResult> RunAsync(string stream, IProgress<RunProgress> progress, CancellationToken cancellationToken) =>
        RunAsync(stream, RunRequest.OnDemand, progress, cancellationToken);

    /// <inheritdoc cref="RunAsync(string, IProgress{RunProgress}, CancellationToken)"/>
    public async Task<RunResult> RunAsync(
        string stream, RunRequest request, IProgress<RunProgress> progress, CancellationToken cancellationToken) => await recompute
        .RunAsync(await streams.OpenAsync(stream, cancellationToken).ConfigureAwait(false), request, progress, cancellationToken)
        .ConfigureAwait(false);

    /// <summary>Archives what stands in a stream's log, then trims the log.</summary>
    public async Task<ArchiveResult> ArchiveAsync(string stream, CancellationToken cancellationToken)
    {
        BatchStream opened = await streams.OpenAsync(stream, cancellationToken).ConfigureAwait(false);
        Boundary end = await archiver.ReadLogEndAsync(opened, cancellationToken).ConfigureAwait(false);
        ArchiveResult result = await archiver.ArchiveAsync(opened, end, cancellationToken).ConfigureAwait(false);
        await trimmer.TrimAsync(opened, cancellationToken).ConfigureAwait(false);
        return result;
    }

    /// <summary>Removes generations and speed results that comparisons no longer need; does nothing while a run holds the stream.</summary>
    public async Task ExpireAsync(string stream, CancellationToken cancellationToken)
    {
        using Activity? span = BatchTrace.Start("expire", stream);
        try
        {
            await ExpireInTurnAsync(stream, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            span.Fail(error);
            metrics.OnExpireFailed(stream);
            throw;
        }
    }

    private async Task ExpireInTurnAsync(string stream, CancellationToken cancellationToken)
    {
        await using LeaseKeeper? lease = await LeaseKeeper.TryAcquireAsync(
            store, time, stream, $"expire/{Guid.NewGuid():N}", options.LeaseDuration, cancellationToken).ConfigureAwait(false);
        if (lease is not null)
        {
            await store.ExpireAsync(lease.Lease, time.GetUtcNow() - options.CompareRetention, cancellationToken).ConfigureAwait(false);
        }
    }
}
