using System.Collections.Concurrent;
using System.Diagnostics;
using Lambda.Batch.Archive;
using Lambda.Batch.Audit;
using Lambda.Batch.Telemetry;
using Lambda.Log;
using Lambda.Processing;
using Lambda.Quality;
using Lambda.Store;
using Lambda.Views;
using Microsoft.Extensions.Logging;

namespace Lambda.Batch.Recompute;

/// <summary>
/// Recomputes a stream's views from its history: writes a new generation beside the one that serves, audits it, and publishes it if it passes.
/// Until then, and if it does not pass, or whatever goes wrong, what is served stays as it is.
/// </summary>
internal sealed class RecomputeRun(
    IViewStore store, IEventLog log, StreamArchiver archiver, Auditor auditor, BatchOptions options, TimeProvider time, BatchMetrics metrics,
    ILogger<RecomputeRun> logger)
{
    /// <summary>By stream, what the last run of this process that came to an end had judged, and how it ended.</summary>
    private readonly ConcurrentDictionary<string, (Judged What, RunResult Result)> _last = new(StringComparer.Ordinal);

    /// <summary>Runs.</summary>
    /// <exception cref="BatchException">The lease was lost to another run.</exception>
    /// <exception cref="OperationCanceledException">Asked to stop; nothing that is served has changed.</exception>
    public async Task<RunResult> RunAsync(
        BatchStream stream, RunRequest request, IProgress<RunProgress> progress, CancellationToken cancellationToken)
    {
        using RunTrace trace = new(stream.Name, progress);
        try
        {
            RunResult result = await RunInTurnAsync(stream, request, trace.Steps, cancellationToken).ConfigureAwait(false);
            trace.End(result);
            return result;
        }
        catch (Exception error)
        {
            trace.Fail(error);
            if (!cancellationToken.IsCancellationRequested)
            {
                metrics.OnRunFailed(stream.Name, error);
            }

            throw;
        }
    }

    private async Task<RunResult> RunInTurnAsync(
        BatchStream stream, RunRequest request, IProgress<RunProgress> progress, CancellationToken cancellationToken)
    {
        LeaseKeeper? taken = await AcquireAsync(stream.Name, request.WhenBusy, progress, cancellationToken).ConfigureAwait(false);
        if (taken is null)
        {
            return new RunResult(RunOutcome.Busy, null, null, 0, 0, $"Another run holds stream '{stream.Name}'.");
        }

        await using LeaseKeeper lease = taken;
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lease.Lost);
        long started = Stopwatch.GetTimestamp();
        try
        {
            RunResult result = await RunAsync(stream, request, lease.Lease, progress, stop.Token).ConfigureAwait(false);
            progress.Report(RunProgress.Done);
            metrics.OnRun(stream.Name, result, Stopwatch.GetElapsedTime(started));
            BatchLog.Ended(logger, stream.Name, result.Outcome, result.Message);
            return result;
        }
        catch (OperationCanceledException) when (lease.Lost.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new BatchException(
                $"Stream '{stream.Name}': the run lost the stream's lease and stopped; nothing has changed. Another run may have taken over; "
                + "otherwise start it again.", lease.Reason);
        }
        catch (FencedException error)
        {
            throw new BatchException($"Stream '{stream.Name}': another run took over and this one stopped; nothing of it has taken effect.", error);
        }
    }

    private async Task<RunResult> RunAsync(
        BatchStream stream, RunRequest request, BatchLease lease, IProgress<RunProgress> progress, CancellationToken cancellationToken)
    {
        progress.Report(RunProgress.Sealing);
        Boundary logEnd = await archiver.ReadLogEndAsync(stream, cancellationToken).ConfigureAwait(false);
        bool isSealed = await new EpochSealing(store, time, options).SealAsync(stream, logEnd, cancellationToken).ConfigureAwait(false);
        if (!isSealed)
        {
            BatchLog.NotSealed(logger, stream.Name, logEnd, options.SealTimeout);
        }

        // Epochs are read before archiving ends: those sealed later may not be archived.
        IReadOnlyList<EpochInfo> epochs = await store.ReadEpochsAsync(stream.Name, cancellationToken).ConfigureAwait(false);
        progress.Report(RunProgress.Archiving);
        await archiver.ArchiveAsync(stream, await archiver.ReadLogEndAsync(stream, cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);

        IArchiveSnapshot archive = await stream.Archive.PinAsync(cancellationToken).ConfigureAwait(false);
        SpeedCoverage speed = await SpeedCoverage.ReadAsync(store, stream, cancellationToken).ConfigureAwait(false);
        metrics.OnCurrent(stream.Name, speed.Current);
        Boundary boundary = BoundaryRule.Choose(epochs, archive.End, speed.Current?.Boundary ?? speed.Status?.Starts ?? archive.Start);
        Judged judged = new(archive.Version, boundary);
        if (request.WhenUnchanged == WhenUnchanged.End && _last.TryGetValue(stream.Name, out var last) && last.What == judged)
        {
            return last.Result with { Outcome = RunOutcome.UpToDate, Message = $"Nothing new up to {boundary}. The last run: {last.Result.Message}" };
        }

        RunResult result = await RecomputeAsync(stream, lease, archive, speed, boundary, progress, cancellationToken).ConfigureAwait(false);
        _last[stream.Name] = (judged, result);
        return result;
    }

    private async Task<RunResult> RecomputeAsync(
        BatchStream stream,
        BatchLease lease,
        IArchiveSnapshot archive,
        SpeedCoverage speed,
        Boundary boundary,
        IProgress<RunProgress> progress,
        CancellationToken cancellationToken)
    {
        progress.Report(RunProgress.Reading(0));
        Computation computation = await Computation.RunAsync(
            stream.Plan, archive, boundary, options, new Share(progress), cancellationToken).ConfigureAwait(false);

        progress.Report(RunProgress.Writing);
        GenerationPlan plan = new(archive.Version, boundary, [.. stream.Definition.Views.Select(view => view.Layout)]);
        long generation = await store.BeginGenerationAsync(lease, plan, cancellationToken).ConfigureAwait(false);
        await WriteAsync(stream, lease, generation, computation.Partials, cancellationToken).ConfigureAwait(false);

        progress.Report(RunProgress.Auditing);
        IReadOnlyList<Correction> corrections = await FindCorrectionsAsync(stream, speed, generation, archive.Start, boundary, cancellationToken)
            .ConfigureAwait(false);
        AcceptedGaps gaps = await AcceptedGaps.ReadAsync(store, stream.Name, cancellationToken).ConfigureAwait(false);
        AuditReport report = await auditor.AuditAsync(
            new AuditSubject(stream, archive, boundary, generation, computation, speed, corrections, gaps), cancellationToken).ConfigureAwait(false);
        if (report.Outcome == AuditOutcome.Blocked)
        {
            await store.RejectAsync(lease, generation, report, cancellationToken).ConfigureAwait(false);
            string failed = string.Join(
                " ",
                report.Checks.Where(check => check.Verdict == CheckVerdict.Failed && check.Severity == CheckSeverity.Block)
                    .Select(check => $"{check.Name}: {check.Message}"));
            return new RunResult(RunOutcome.Blocked, generation, report, computation.Rows, 0, $"Generation {generation} was blocked by {failed}");
        }

        progress.Report(RunProgress.Publishing);

        // The speed layer has quarantined what its views refused among the events that it computed.
        IReadOnlyList<RefusedRow> rows = [.. computation.Refused.Where(row =>
            row.By == RefusedBy.Check || row.Position.Offset >= speed.NextOffset(row.Position.Partition))];
        IReadOnlyList<QuarantinedRecord> refused = await new RefusedRecords(log, stream.Definition)
            .FindAsync(rows, archive, boundary, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<QuarantinedRecord> quarantine =
            [.. refused, .. await ReadUnseenAsync(archive, speed, boundary, cancellationToken).ConfigureAwait(false)];
        await store.PublishAsync(lease, generation, new Publication(report, corrections, quarantine), cancellationToken).ConfigureAwait(false);
        return new RunResult(
            RunOutcome.Published, generation, report, computation.Rows, corrections.Count,
            $"Generation {generation} serves: {computation.Rows} events up to {boundary}, {computation.Repetitions.Count} repetitions and "
            + $"{computation.Refused.Count} refused events removed, {corrections.Count} windows corrected.");
    }

    private async Task WriteAsync(
        BatchStream stream, BatchLease lease, long generation, PartialsByKind partials, CancellationToken cancellationToken)
    {
        foreach (PartialKind kind in Enum.GetValues<PartialKind>())
        {
            for (int view = 0; view < stream.Plan.Views.Count; view++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                PartialBatch batch = partials.Export(kind, view);
                if (batch.Count > 0)
                {
                    await store.WriteGenerationAsync(lease, generation, kind, batch, cancellationToken).ConfigureAwait(false);
                }
            }
        }
    }

    /// <summary>What changes in windows that were served; nothing for views whose new events the speed layer did not serve before.</summary>
    private async Task<IReadOnlyList<Correction>> FindCorrectionsAsync(
        BatchStream stream, SpeedCoverage speed, long generation, Boundary start, Boundary boundary, CancellationToken cancellationToken)
    {
        List<Correction> corrections = [];
        foreach (ViewDefinition view in stream.Definition.Views)
        {
            GenerationInfo? current = speed.CurrentOf(view);
            Boundary from = current?.Boundary ?? start;
            if (speed.FindGap(view, from, boundary) is { } gap)
            {
                BatchLog.NoCorrections(logger, stream.Name, view.Name, gap);
                continue;
            }

            corrections.AddRange(
                await new CorrectionFinder(store).FindAsync(view, current, from, generation, boundary, cancellationToken).ConfigureAwait(false));
        }

        return corrections;
    }

    /// <summary>Undecodable records that the speed layer has not come to, and so has not quarantined.</summary>
    private static async Task<IReadOnlyList<QuarantinedRecord>> ReadUnseenAsync(
        IArchiveSnapshot archive, SpeedCoverage speed, Boundary boundary, CancellationToken cancellationToken)
    {
        Boundary from = new(Enumerable.Range(0, boundary.Partitions).Select(speed.NextOffset));
        List<QuarantinedRecord> unseen = [];
        await foreach (QuarantinedRecord record in archive.ReadQuarantineAsync(from, boundary, cancellationToken).ConfigureAwait(false))
        {
            unseen.Add(record);
        }

        return unseen;
    }

    private async Task<LeaseKeeper?> AcquireAsync(
        string stream, WhenBusy whenBusy, IProgress<RunProgress> progress, CancellationToken cancellationToken)
    {
        string owner = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid():N}";
        while (true)
        {
            LeaseKeeper? lease = await LeaseKeeper.TryAcquireAsync(store, time, stream, owner, options.LeaseDuration, cancellationToken)
                .ConfigureAwait(false);
            if (lease is not null || whenBusy == WhenBusy.End)
            {
                return lease;
            }

            progress.Report(RunProgress.Waiting);
            await Task.Delay(options.LeasePollInterval, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>What a run has judged; a second one over the same would come to the same.</summary>
    private sealed record Judged(long HistoryVersion, Boundary Boundary);

    private sealed class Share(IProgress<RunProgress> progress) : IProgress<double>
    {
        public void Report(double value) => progress.Report(RunProgress.Reading(value));
    }
}
