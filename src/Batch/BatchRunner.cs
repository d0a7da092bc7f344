using System.Diagnostics;
using Lambda.Batch.Archive;
using Lambda.Batch.Deletion;
using Lambda.Batch.History;
using Lambda.Batch.History.Maintenance;
using Lambda.Batch.Recompute;
using Lambda.Batch.Recompute.Contents;
using Lambda.Batch.Telemetry;
using Lambda.Store;

namespace Lambda.Batch;

/// <summary>Does the batch layer's work on a stream, now and in the caller's own time. Schedules, the dashboard and the command line call it.</summary>
internal sealed class BatchRunner(
    BatchStreams streams, RecomputeRun recompute, DeletionRun deletion, StreamArchiver archiver, LogTrimmer trimmer, HistoryMaintenance maintenance,
    IViewStore store, TimeProvider time, BatchOptions options, BatchMetrics metrics)
{
    /// <summary>Recomputes a stream's views, and waits for its turn while another run holds the stream.</summary>
    /// <exception cref="BatchException">There is no such stream, or another run took over.</exception>
    /// <exception cref="OperationCanceledException">Asked to stop; what was published before serves on.</exception>
    public Task<RunResult> RunAsync(string stream, IProgress<RunProgress> progress, CancellationToken cancellationToken) =>
        RunAsync(stream, RunRequest.OnDemand, progress, cancellationToken);

    /// <inheritdoc cref="RunAsync(string, IProgress{RunProgress}, CancellationToken)"/>
    public async Task<RunResult> RunAsync(
        string stream, RunRequest request, IProgress<RunProgress> progress, CancellationToken cancellationToken) => await recompute
        .RunAsync(await streams.OpenAsync(stream, cancellationToken).ConfigureAwait(false), request, progress, cancellationToken)
        .ConfigureAwait(false);

    /// <summary>Has an earlier generation serve again that is still kept; waits for its turn while a run holds the stream.</summary>
    /// <exception cref="BatchException">There is no such stream.</exception>
    /// <exception cref="ViewStoreException">The generation is not kept, was never served, or holds other views than are declared now.</exception>
    public async Task RollBackAsync(string stream, long generation, CancellationToken cancellationToken)
    {
        using Activity? span = BatchTrace.Start("rollback", stream);
        BatchStream opened = await streams.OpenAsync(stream, cancellationToken).ConfigureAwait(false);
        await recompute.RollBackAsync(opened, generation, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Reads the generation that serves from the store, and holds it against what was published; waits for its turn while a run holds the stream.
    /// </summary>
    /// <exception cref="BatchException">There is no such stream.</exception>
    public async Task<VerifiedGeneration> VerifyAsync(string stream, CancellationToken cancellationToken)
    {
        BatchStream opened = await streams.OpenAsync(stream, cancellationToken).ConfigureAwait(false);
        LeaseKeeper lease = await LeaseKeeper.AcquireAsync(store, time, opened.Name, options, cancellationToken).ConfigureAwait(false);
        await using (lease.ConfigureAwait(false))
        {
            StreamStatus? status = await store.ReadStreamAsync(opened.Name, cancellationToken).ConfigureAwait(false);
            return await new GenerationVerifier(store).RunAsync(opened.Definition, status?.CurrentGeneration, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Archives what stands in a stream's log, then trims the log; does nothing while another call does so or waits for its turn.</summary>
    /// <returns>Null when another call is at it.</returns>
    public async Task<ArchiveResult?> ArchiveAsync(string stream, CancellationToken cancellationToken)
    {
        BatchStream opened = await streams.OpenAsync(stream, cancellationToken).ConfigureAwait(false);
        if (!await opened.ArchivingJob.WaitAsync(TimeSpan.Zero, cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        try
        {
            Boundary end = await archiver.ReadLogEndAsync(opened, cancellationToken).ConfigureAwait(false);
            ArchiveResult result = await archiver.ArchiveAsync(opened, end, cancellationToken).ConfigureAwait(false);
            await trimmer.TrimAsync(opened, cancellationToken).ConfigureAwait(false);
            return result;
        }
        finally
        {
            opened.ArchivingJob.Release();
        }
    }

    /// <summary>
    /// Puts small files of a stream's history together. Any number may do so at once, and while others archive and recompute; what is read does not change.
    /// </summary>
    /// <returns>What was done to each of the stream's tables.</returns>
    /// <exception cref="BatchException">There is no such stream.</exception>
    /// <exception cref="HistoryException">A file is missing or damaged; what was done before stays.</exception>
    public async Task<IReadOnlyList<CompactionResult>> CompactAsync(string stream, CancellationToken cancellationToken)
    {
        BatchStream opened = await streams.OpenAsync(stream, cancellationToken).ConfigureAwait(false);
        return await DoAsync("compact", opened.Name, () => maintenance.CompactAsync(opened, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Deletes files of a stream's history that neither a version within <see cref="BatchOptions.HistoryRetention"/> nor a kept generation needs.
    /// </summary>
    /// <returns>What was deleted of each of the stream's tables, or would be.</returns>
    /// <exception cref="BatchException">There is no such stream.</exception>
    /// <exception cref="HistoryException">The log of a table is damaged; nothing of that table was deleted.</exception>
    public async Task<IReadOnlyList<VacuumResult>> VacuumAsync(string stream, VacuumMode mode, CancellationToken cancellationToken)
    {
        BatchStream opened = await streams.OpenAsync(stream, cancellationToken).ConfigureAwait(false);
        return await DoAsync("vacuum", opened.Name, () => maintenance.VacuumAsync(opened.Definition, mode, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Deletes events from a stream's history that match a condition, or counts them; waits for its turn while a run holds the stream. The next run computes
    /// everything without them.
    /// </summary>
    /// <exception cref="BatchException">There is no such stream, the condition is wrong, or another run took over.</exception>
    /// <exception cref="HistoryException">A file is missing or damaged; dates before its own are done.</exception>
    public async Task<DeletionResult> DeleteAsync(string stream, string condition, DeletionMode mode, CancellationToken cancellationToken)
    {
        BatchStream opened = await streams.OpenAsync(stream, cancellationToken).ConfigureAwait(false);
        return await DoAsync("delete", opened.Name, () => deletion.RunAsync(opened, condition, mode, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>What a stream's history consists of, now or at a point of its past.</summary>
    /// <exception cref="BatchException">There is no such stream.</exception>
    /// <exception cref="HistoryException">There is no such version, or it can no longer be read.</exception>
    public async Task<HistoryDescription> DescribeHistoryAsync(string stream, HistoryPoint point, CancellationToken cancellationToken)
    {
        BatchStream opened = await streams.OpenAsync(stream, cancellationToken).ConfigureAwait(false);
        return await maintenance.DescribeAsync(opened.Definition, point, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads all of a stream's history, now or at a point of its past, and holds it against what its log tells.</summary>
    /// <exception cref="BatchException">There is no such stream.</exception>
    /// <exception cref="HistoryException">There is no such version, or its log is damaged.</exception>
    public async Task<VerifyResult> VerifyHistoryAsync(string stream, HistoryPoint point, CancellationToken cancellationToken)
    {
        BatchStream opened = await streams.OpenAsync(stream, cancellationToken).ConfigureAwait(false);
        return await maintenance.VerifyAsync(opened.Definition, opened.Partitions, point, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes generations and speed results that comparisons no longer need; does nothing while a run holds the stream.</summary>
    public async Task ExpireAsync(string stream, CancellationToken cancellationToken)
    {
        await DoAsync(
            "expire",
            stream,
            async () =>
            {
                await ExpireInTurnAsync(stream, cancellationToken).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    private async Task<T> DoAsync<T>(string job, string stream, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        using Activity? span = BatchTrace.Start(job, stream);
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            span.Fail(error);
            metrics.OnJobFailed(stream, job);
            throw;
        }
    }

    private async Task ExpireInTurnAsync(string stream, CancellationToken cancellationToken)
    {
        await using LeaseKeeper? lease = await LeaseKeeper.TryAcquireAsync(
            store, time, stream, $"expire/{Guid.NewGuid():N}", options.LeaseDuration, cancellationToken).ConfigureAwait(false);
        if (lease is not null)
        {
            await store.ExpireAsync(lease.Lease, Retention.Oldest(time, options.CompareRetention), cancellationToken).ConfigureAwait(false);
        }
    }
}
