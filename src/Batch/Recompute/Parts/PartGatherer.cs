using Lambda.Batch.Archive;
using Lambda.Batch.History.Storage;
using Lambda.Batch.Recompute.Settling;
using Lambda.Batch.Telemetry;
using Microsoft.Extensions.Logging;

namespace Lambda.Batch.Recompute.Parts;

/// <summary>
/// Has the dates of a run computed in parts by all batch processes, and puts the results together. What comes of it is what one process would have computed, and it
/// comes whatever becomes of those who take parts: what nobody else does in the end is computed here.
/// </summary>
internal sealed class PartGatherer(IObjectStorage storage, IPartQueue queue, BatchOptions options, TimeProvider time, ILogger<PartGatherer> logger)
{
    /// <summary>Computes all parts, for whoever holds the stream's lease.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="archive">What is read.</param>
    /// <param name="range">Which of its events.</param>
    /// <param name="parts">The parts.</param>
    /// <param name="settled">Takes partials that no part to come can change; null to keep them all.</param>
    /// <param name="progress">Told how many are done.</param>
    /// <param name="cancellationToken">Ends the work, that of the others too.</param>
    /// <exception cref="BatchException">The partials take more memory than they may.</exception>
    public async Task<ComputedDates> RunAsync(
        BatchStream stream,
        IArchiveSnapshot archive,
        ArchiveRange range,
        IReadOnlyList<PlannedPart> parts,
        SettledSource? settled,
        IProgress<RunProgress> progress,
        CancellationToken cancellationToken)
    {
        RunFolder folder = new(storage, stream.Name, Guid.CreateVersion7(time.GetUtcNow()));
        PartOrder order = PartOrder.Of(stream.Definition, archive, range, parts);
        GatheredParts gathered = new(stream.Plan, archive, range, options.MaxPartialBytes, settled);
        await RunFolder.DeleteAllAsync(storage, stream.Name, cancellationToken).ConfigureAwait(false);
        PartGathering gathering = new(queue, time, logger, stream.Name, folder, order, gathered, parts, progress);
        try
        {
            await folder.WriteOrderAsync(order, cancellationToken).ConfigureAwait(false);
            await gathering.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            gathering.WithdrawAll();
            await DeleteAsync(stream.Name, folder).ConfigureAwait(false);
        }

        return gathered.Result;
    }

    private async Task DeleteAsync(string stream, RunFolder folder)
    {
        try
        {
            await folder.DeleteAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            BatchLog.PartsNotRemoved(logger, error, stream, folder.Describe(""));
        }
    }
}
