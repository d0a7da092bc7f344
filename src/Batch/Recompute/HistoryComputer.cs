using Lambda.Batch.Archive;
using Lambda.Batch.Recompute.Parts;
using Lambda.Batch.Recompute.Settling;
using Lambda.Store;

namespace Lambda.Batch.Recompute;

/// <summary>Computes a history: in this process, or, where there is much to read and somebody to share it with, in parts by all batch processes.</summary>
/// <param name="options">How many dates are computed at once, how much memory they may take, and how much a part is.</param>
/// <param name="parts">Has parts computed; null where everything is computed here.</param>
internal sealed class HistoryComputer(BatchOptions options, PartGatherer? parts = null)
{
    /// <summary>Computes a range of an archive, for whoever holds the stream's lease.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="archive">What is read.</param>
    /// <param name="range">Which of its events.</param>
    /// <param name="progress">Told how much was read.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="BatchException">The partials take more memory than they may.</exception>
    public Task<Computation> RunAsync(
        BatchStream stream, IArchiveSnapshot archive, ArchiveRange range, IProgress<RunProgress> progress, CancellationToken cancellationToken) =>
        RunAsync(stream, archive, range, settled: null, progress, cancellationToken);

    /// <summary>Computes all of an archive and hands partials to a sink as soon as they are settled.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="archive">What is read.</param>
    /// <param name="below">Only events below it count.</param>
    /// <param name="sink">Takes partials while others are computed.</param>
    /// <param name="progress">Told how much was read.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="BatchException">The partials take more memory than they may.</exception>
    public async Task<Computation> RunAsync(
        BatchStream stream,
        IArchiveSnapshot archive,
        Boundary below,
        ISettledSink sink,
        IProgress<RunProgress> progress,
        CancellationToken cancellationToken)
    {
        SettledPartials settled = new(stream.Plan, sink, options.SettledRows, archive.FindFloors());
        Computation computed = await RunAsync(stream, archive, new ArchiveRange(null, below), settled, progress, cancellationToken).ConfigureAwait(false);
        return computed with { Moved = settled.FindMoved() };
    }

    private async Task<Computation> RunAsync(
        BatchStream stream,
        IArchiveSnapshot archive,
        ArchiveRange range,
        SettledPartials? settled,
        IProgress<RunProgress> progress,
        CancellationToken cancellationToken)
    {
        if (parts is not null)
        {
            IReadOnlyList<PlannedPart> plan = PartPlan.Of(archive, range, options.PartEvents);
            if (plan.Count > 1)
            {
                ComputedDates computed = await parts
                    .RunAsync(stream, archive, range, plan, settled?.Open(), progress, cancellationToken).ConfigureAwait(false);
                return await Computation.CompleteAsync(computed, archive, range, cancellationToken).ConfigureAwait(false);
            }
        }

        return await Computation.RunAsync(stream.Plan, archive, range, options, settled, new Share(progress), cancellationToken)
            .ConfigureAwait(false);
    }

    private sealed class Share(IProgress<RunProgress> progress) : IProgress<double>
    {
        public void Report(double value) => progress.Report(RunProgress.Reading(value));
    }
}
