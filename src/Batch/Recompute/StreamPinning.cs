using Lambda.Batch.Archive;
using Lambda.Batch.Telemetry;
using Lambda.Store;
using Microsoft.Extensions.Logging;

namespace Lambda.Batch.Recompute;

/// <summary>A stream as a run sees it from its beginning to its end.</summary>
/// <param name="Archive">Its history.</param>
/// <param name="Speed">What the speed layer has computed.</param>
/// <param name="Epochs">The speed layer's epochs.</param>
/// <param name="Boundary">How far the history is to be computed; cuts no epoch.</param>
internal sealed record PinnedStream(IArchiveSnapshot Archive, SpeedCoverage Speed, IReadOnlyList<EpochInfo> Epochs, Boundary Boundary)
{
    /// <summary>How many archived records lie behind the boundary because the speed layer did not end its epochs in time; few that come meanwhile are no reason to tell.</summary>
    public long Delayed { get; init; }
}

/// <summary>Pins a stream: has the speed layer end its epochs, archives the log, and decides how far a run reaches.</summary>
internal sealed class StreamPinning(
    IViewStore store, StreamArchiver archiver, BatchOptions options, TimeProvider time, BatchMetrics metrics, ILogger<StreamPinning> logger)
{
    /// <summary>Pins.</summary>
    /// <exception cref="BatchException">What is served was computed from another history.</exception>
    public async Task<PinnedStream> PinAsync(BatchStream stream, IProgress<RunProgress> progress, CancellationToken cancellationToken)
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
        Task<SpeedCoverage> covering = SpeedCoverage.ReadAsync(store, stream, cancellationToken);
        Task<IArchiveSnapshot> archiving = ArchiveAsync(stream, cancellationToken);
        await Task.WhenAll(covering, archiving).ConfigureAwait(false);

        IArchiveSnapshot archive = await archiving.ConfigureAwait(false);
        SpeedCoverage speed = await covering.ConfigureAwait(false);
        HistoryIdentity.RequireServed(stream.Name, speed.Current, speed.Basis, archive);
        metrics.OnCurrent(stream.Name, speed.Current);
        Boundary boundary = BoundaryRule.Choose(epochs, archive.End, speed.Current?.Boundary ?? speed.Status?.Starts ?? archive.Start);
        return new PinnedStream(archive, speed, epochs, boundary)
        {
            Delayed = isSealed ? 0 : Enumerable.Range(0, boundary.Partitions).Sum(partition => archive.End[partition] - boundary[partition]),
        };
    }

    private async Task<IArchiveSnapshot> ArchiveAsync(BatchStream stream, CancellationToken cancellationToken)
    {
        await archiver.ArchiveAsync(stream, await archiver.ReadLogEndAsync(stream, cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);
        return await stream.Archive.PinAsync(cancellationToken).ConfigureAwait(false);
    }
}
