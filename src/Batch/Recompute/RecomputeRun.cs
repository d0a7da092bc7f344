using System.Collections.Concurrent;
using System.Diagnostics;
using Lambda.Batch.Archive;
using Lambda.Batch.Audit;
using Lambda.Batch.Audit.Data;
using Lambda.Batch.Recompute.Contents;
using Lambda.Batch.Recompute.Corrections;
using Lambda.Batch.Recompute.Range;
using Lambda.Batch.Telemetry;
using Lambda.Jobs;
using Lambda.Log;
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
    IViewStore store, IEventLog log, StreamPinning pinning, HistoryComputer computer, Auditor auditor, ReferenceStates references, BatchOptions options,
    TimeProvider time, BatchMetrics metrics, ILogger<RecomputeRun> logger)
{
    private readonly GenerationComputer _computing = new(store, computer, options, time, logger);
    private readonly RunCorrections _corrections = new(store, options, logger);

    /// <summary>By stream, the last run of this process that came to an end.</summary>
    private readonly ConcurrentDictionary<string, LastRun> _last = new(StringComparer.Ordinal);

    /// <summary>Runs.</summary>
    /// <exception cref="BatchException">The lease was lost to another run.</exception>
    /// <exception cref="OperationCanceledException">Asked to stop; nothing serves that was not published before.</exception>
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

    /// <summary>Has an earlier generation serve again.</summary>
    /// <exception cref="ViewStoreException">It is not kept, was never served, or holds other views than are declared now.</exception>
    public async Task RollBackAsync(BatchStream stream, long generation, CancellationToken cancellationToken)
    {
        LeaseKeeper lease = await LeaseKeeper.AcquireAsync(store, time, stream.Name, options, cancellationToken).ConfigureAwait(false);
        await using (lease.ConfigureAwait(false))
        {
            IReadOnlyList<GenerationInfo> known = await store.ReadGenerationsAsync(stream.Name, int.MaxValue, cancellationToken).ConfigureAwait(false);
            if (known.FirstOrDefault(info => info.Generation == generation) is { State: GenerationState.Superseded } found
                && stream.Definition.Views.FirstOrDefault(view => !found.Holds(view.Layout)) is { } other)
            {
                throw new ViewStoreException(
                    $"Generation {generation} of stream '{stream.Name}' does not hold view '{other.Name}' as it is declared now. Roll back with the program that had "
                    + "published it, or take a generation that holds all views.");
            }

            IArchiveSnapshot archive = await stream.Archive.PinAsync(cancellationToken).ConfigureAwait(false);
            if (known.FirstOrDefault(info => info.Generation == generation) is { } older && archive.Deletion is { } deletion && older.HistoryVersion < deletion.Version)
            {
                throw new ViewStoreException(
                    $"Generation {generation} of stream '{stream.Name}' was computed before events were deleted from the history, and would have them count again. "
                    + "Take a later generation.");
            }

            await store.RollBackAsync(lease.Lease, generation, cancellationToken).ConfigureAwait(false);
            _last.TryRemove(stream.Name, out _);
            BatchLog.RolledBack(logger, stream.Name, generation);
        }
    }

    private async Task<RunResult> RunInTurnAsync(
        BatchStream stream, RunRequest request, IProgress<RunProgress> progress, CancellationToken cancellationToken)
    {
        LeaseKeeper? taken = await LeaseKeeper.AcquireAsync(store, time, stream.Name, options, request.WhenBusy, progress, cancellationToken)
            .ConfigureAwait(false);
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
            if (result is { CarriedFrom: null, Outcome: not RunOutcome.UpToDate })
            {
                LargeArrays.Collect(result.Rows);
            }

            progress.Report(RunProgress.Done);
            metrics.OnRun(stream.Name, result, Stopwatch.GetElapsedTime(started));
            BatchLog.Ended(logger, stream.Name, result.Outcome, result.Message);
            return result;
        }
        catch (OperationCanceledException) when (lease.Lost.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new BatchException(
                $"Stream '{stream.Name}': the run lost the stream's lease and stopped; what was published before serves on. Another run may have taken over; "
                + "otherwise start it again.", lease.Reason);
        }
        catch (FencedException error)
        {
            throw new BatchException($"Stream '{stream.Name}': another run took over and this one stopped; what it had not published has no effect.", error);
        }
    }

    private async Task<RunResult> RunAsync(
        BatchStream stream, RunRequest request, BatchLease lease, IProgress<RunProgress> progress, CancellationToken cancellationToken)
    {
        PinnedStream pinned = await pinning.PinAsync(stream, progress, cancellationToken).ConfigureAwait(false);
        Judged judged = new(pinned.Archive.Version, pinned.Boundary, PeriodOf(stream.Definition));
        string referenced = await references.ReadAsync(stream.Definition, cancellationToken).ConfigureAwait(false);
        string accepted = await ReadGapsAsync(stream.Name, cancellationToken).ConfigureAwait(false);
        long? served = pinned.Speed.Current?.Generation;
        int? edition = pinned.Speed.Status?.Edition;
        if (request.WhenUnchanged == WhenUnchanged.End && _last.TryGetValue(stream.Name, out LastRun? last) && last.What == judged
            && !last.IsToBeRepeated(stream.Definition, referenced, accepted, edition, served))
        {
            return last.Result with { Outcome = RunOutcome.UpToDate, Message = $"Nothing new up to {pinned.Boundary}. The last run: {last.Result.Message}" };
        }

        // One that is only looked at shows all changes at once.
        long? most = request.Order is { Purpose: RunPurpose.Publish, Range: null } ? options.MaxNewEvents : null;
        RunResult result = await RecomputeByGenerationsAsync(
            new PinnedRun(stream, request.Order, lease, pinned) { MostNewEvents = most }, progress, cancellationToken).ConfigureAwait(false);
        if (pinned.Delayed > 0)
        {
            result = result with
            {
                Message = $"{result.Message} {pinned.Delayed} archived records are left out until a later run: the speed layer had not ended its epochs within {options.SealTimeout.TotalSeconds:0} s.",
            };
        }

        if (request.Order.Purpose == RunPurpose.Publish)
        {
            // What it changed may be millions of windows, and nobody asks for them again.
            _last[stream.Name] = new LastRun(
                judged, referenced, accepted, edition, result.Outcome == RunOutcome.Published ? result.Generation : served, result with { Changes = [] });
        }

        return result;
    }

    /// <summary>Publishes as many generations as it takes for none to have more new events than it may.</summary>
    private async Task<RunResult> RecomputeByGenerationsAsync(PinnedRun run, IProgress<RunProgress> progress, CancellationToken cancellationToken)
    {
        RunResult? before = null;
        while (true)
        {
            (RunResult result, Boundary reached) = await RecomputeAsync(run, progress, cancellationToken).ConfigureAwait(false);
            bool isLast = reached.Equals(run.Pinned.Boundary);
            if (result.Outcome == RunOutcome.Blocked && !isLast)
            {
                // All of them may meet what some of them do not: how many are taken at a time does not decide over what is published.
                run = run with { MostNewEvents = null };
                continue;
            }

            result = before is null ? result : result.After(before);
            if (result.Outcome != RunOutcome.Published || isLast)
            {
                return result.Generations == 1 ? result : result with
                {
                    Message = $"{result.Rows} events were read for {result.Generations} generations, one after the other. {result.Message}",
                };
            }

            before = result;
            SpeedCoverage speed = await SpeedCoverage.ReadAsync(store, run.Stream, cancellationToken).ConfigureAwait(false);
            run = run with { Pinned = run.Pinned with { Speed = speed } };
        }
    }

    /// <summary>Computes, audits and publishes one generation.</summary>
    /// <returns>How it ended, and how far the generation reaches.</returns>
    private async Task<(RunResult Result, Boundary Reached)> RecomputeAsync(
        PinnedRun pinned, IProgress<RunProgress> progress, CancellationToken cancellationToken)
    {
        ComputedGeneration computed = await _computing.RunAsync(pinned, progress, cancellationToken).ConfigureAwait(false);
        (PinnedRun run, GenerationDraft draft, Computation computation, CarryOver? carried, RecomputedRange? range, string? obstacle) = computed;
        (BatchStream stream, BatchRunOrder order, BatchLease lease, (IArchiveSnapshot archive, SpeedCoverage speed, _, Boundary boundary)) = run;
        long generation = draft.Number;

        ComparedEvents compared = await FindComparedAsync(stream, run.Pinned, computation, carried, cancellationToken).ConfigureAwait(false);
        AcceptedGaps gaps = await AcceptedGaps.ReadAsync(store, stream.Name, cancellationToken).ConfigureAwait(false);

        // Most checks of the data ask for nothing that is written, so they need not wait for it. The audit ends after both tasks, whatever becomes of it.
        Task writing = Task.Run(() => WriteAsync(run, computed, progress, cancellationToken), CancellationToken.None);
        Task<RunChanges> comparing = CompareAsync(writing, run, computed, progress, cancellationToken);
        AuditSubject subject = new(stream, archive, boundary, generation, computation, compared, speed, comparing, gaps, carried)
        {
            Known = KnownFigures.Of(carried, range),
            HasMore = !boundary.Equals(pinned.Pinned.Boundary),
            ReadRemoved = async token =>
            {
                await writing.ConfigureAwait(false);
                return await store.ReadRemovedAsync(stream.Name, generation, token).ConfigureAwait(false);
            },
        };
        AuditReport report = await auditor.AuditAsync(subject, cancellationToken).ConfigureAwait(false);
        RunChanges changes = await comparing.ConfigureAwait(false);
        RunEnd end = new(generation, report, computation, carried, range, obstacle, boundary, changes);
        if (order.Purpose == RunPurpose.Rehearse)
        {
            await store.DiscardAsync(lease, generation, cancellationToken).ConfigureAwait(false);
            return (end.Rehearsed(), boundary);
        }

        if (report.Outcome == AuditOutcome.Blocked)
        {
            await store.RejectAsync(lease, generation, report, cancellationToken).ConfigureAwait(false);
            return (end.Blocked(), boundary);
        }

        progress.Report(RunProgress.Publishing);
        IReadOnlyList<QuarantinedRecord> refused = await new RunQuarantine(store, log).WriteMostAsync(run, computed, cancellationToken).ConfigureAwait(false);
        Publication publication = new(report, changes.First, refused)
        {
            Basis = CarryOver.BasisOf(carried, computation, stream.Definition, report) with { HistoryId = archive.Id, Contents = draft.Contents?.ToStored() },
        };
        await store.PublishAsync(lease, generation, publication, cancellationToken).ConfigureAwait(false);
        return (end.Published(), boundary);
    }

    private async Task WriteAsync(PinnedRun run, ComputedGeneration computed, IProgress<RunProgress> progress, CancellationToken cancellationToken)
    {
        progress.Report(RunProgress.Writing);
        await new GenerationWriter(store, run.Stream.Plan, run.Lease, computed.Draft, computed.Computation, options)
            .WriteAsync(computed.Carried, computed.Range, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Finds corrections when everything is written.</summary>
    private async Task<RunChanges> CompareAsync(
        Task writing, PinnedRun run, ComputedGeneration computed, IProgress<RunProgress> progress, CancellationToken cancellationToken)
    {
        await writing.ConfigureAwait(false);
        progress.Report(RunProgress.Auditing);
        return await _corrections.FindAsync(run, computed, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Which events both layers have: after a deletion, those behind it only. Of these, what a generation since holds was compared for it, and may have expired in the speed layer.
    /// </summary>
    private async Task<ComparedEvents> FindComparedAsync(
        BatchStream stream, PinnedStream pinned, Computation computation, CarryOver? carried, CancellationToken cancellationToken)
    {
        if (carried is not null)
        {
            return new ComparedEvents(carried.From.Boundary, computation);
        }

        if (pinned.Archive.Deletion is not { } deletion)
        {
            return new ComparedEvents(pinned.Archive.Start, null);
        }

        Boundary from = BoundaryRule.AtEpochEdges(pinned.Epochs, deletion.Below, pinned.Boundary);
        if (pinned.Speed.Current is { } current && current.HistoryVersion >= deletion.Version)
        {
            from = new Boundary(from.Offsets.Zip(current.Boundary.Offsets, Math.Max));
        }

        // A speed layer that was made anew has nothing of them, and all that came since might not fit in memory.
        if (stream.Definition.Views.All(view => pinned.Speed.FindGap(view, from, pinned.Boundary) is not null))
        {
            return new ComparedEvents(from, null);
        }

        return new ComparedEvents(
            from,
            await computer.RunAsync(stream, pinned.Archive, new ArchiveRange(from, pinned.Boundary), new Progress<RunProgress>(), cancellationToken)
                .ConfigureAwait(false));
    }

    /// <summary>
    /// Freshness is lost by time alone: a stream that is expected to be fresh is judged twice in the time that it may be without events, also when there is nothing
    /// new. Always the same for other streams.
    /// </summary>
    private long PeriodOf(StreamDefinition stream) => stream.DataChecks.OfType<FreshnessCheck>()
        .Select(check => time.GetUtcNow().Ticks / Math.Max(1, check.AtMost.Ticks / 2)).DefaultIfEmpty().Max();

    /// <summary>The gaps of a stream that somebody has accepted, as a text.</summary>
    private async Task<string> ReadGapsAsync(string stream, CancellationToken cancellationToken) => string.Join(
        ' ', (await store.ReadGapsAsync(stream, cancellationToken).ConfigureAwait(false)).Select(gap => $"{gap.Partition}:{gap.Offsets}"));

    /// <summary>What a run has judged; a second one over the same would come to the same.</summary>
    private sealed record Judged(long HistoryVersion, Boundary Boundary, long Period);

    /// <summary>A run that came to an end.</summary>
    /// <param name="What">What it had judged.</param>
    /// <param name="References">How its references stood then.</param>
    /// <param name="Gaps">The gaps that were accepted then.</param>
    /// <param name="Edition">The edition of the speed layer that it was held against; null when there was none.</param>
    /// <param name="Served">The generation that served after it.</param>
    /// <param name="Result">How it ended, without what it changed.</param>
    private sealed record LastRun(Judged What, string References, string Gaps, int? Edition, long? Served, RunResult Result)
    {
        /// <summary>
        /// Whether something has changed that a run over the same asks for: what had blocked it, or what is served, as somebody may have gone back to an earlier generation by another process. A later one
        /// is another process's of the same.
        /// </summary>
        public bool IsToBeRepeated(StreamDefinition stream, string references, string gaps, int? edition, long? served) => served < Served
            || (Result.Outcome == RunOutcome.Blocked && (Gaps != gaps || Edition != edition))
            || (References != references && ReferenceStates.HaveBlocked(stream, Result));
    }
}
