using Lambda.Batch.Archive;
using Lambda.Batch.History;
using Lambda.Batch.History.Storage;
using Lambda.Batch.Telemetry;
using Microsoft.Extensions.Logging;

namespace Lambda.Batch.Recompute.Parts;

/// <summary>Computes parts that runs of any batch process ask for. Running one twice does no harm, as the first result counts and all are the same.</summary>
internal sealed class PartWorker(BatchStreams streams, IObjectStorage storage, BatchOptions options, ILogger<PartWorker> logger)
{
    /// <summary>Computes a part; nothing when it is done, or its run has ended.</summary>
    /// <exception cref="PartRefusedException">This process would come to something else.</exception>
    /// <exception cref="BatchException">The partials take more memory than they may.</exception>
    public async Task RunAsync(string streamName, Guid run, int part, CancellationToken cancellationToken)
    {
        BatchStream stream = await streams.OpenAsync(streamName, cancellationToken).ConfigureAwait(false);
        RunFolder folder = new(storage, stream.Name, run);
        if (await folder.ReadOrderAsync(cancellationToken).ConfigureAwait(false) is not { } order)
        {
            BatchLog.PartUnknown(logger, stream.Name, part, run, folder.Describe(""));
            return;
        }

        if (await folder.ReadAsync(RunFolder.ResultOf(part), cancellationToken).ConfigureAwait(false) is not null)
        {
            return;
        }

        string own = ComputationFingerprint.Of(stream.Definition);
        if (order.Computation != own)
        {
            throw new PartRefusedException(
                $"its program computes {own}, and the run's computes {order.Computation}: views, checks or the code that they call differ. Run the same program in "
                + "all batch processes.");
        }

        IArchiveSnapshot archive = await PinAsync(stream, order, cancellationToken).ConfigureAwait(false);
        OffsetCoverage coverage = new(order.Range.From ?? archive.Start, order.Range.Below);
        using DateWorker worker = new(stream.Plan, archive, order.Range, coverage, options.MaxPartialBytes / options.Workers);
        foreach (DateOnly date in order.Parts[part])
        {
            await worker.ProcessAsync(date, cancellationToken).ConfigureAwait(false);
        }

        ComputedDates computed = new(worker.Partials, worker.Rows, worker.Overtaken, worker.Removed.Repetitions, worker.Removed.Refused, coverage);
        if (await PartFiles.WriteAsync(folder, order.IdentityOf(run, part), stream.Plan, computed, cancellationToken).ConfigureAwait(false))
        {
            BatchLog.PartComputed(logger, stream.Name, part, run, worker.Rows.Values.Sum(), worker.Rows.Count);
        }
    }

    private static async Task<IArchiveSnapshot> PinAsync(BatchStream stream, PartOrder order, CancellationToken cancellationToken)
    {
        try
        {
            return await stream.Archive.PinAsync(order.HistoryVersion, cancellationToken).ConfigureAwait(false);
        }
        catch (HistoryException error)
        {
            throw new PartRefusedException($"version {order.HistoryVersion} of its history cannot be read here: {error.Message}", error);
        }
    }
}
