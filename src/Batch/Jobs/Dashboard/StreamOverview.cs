using Lambda.Jobs;
using Lambda.Log;
using Lambda.Store;
using Microsoft.Extensions.DependencyInjection;

namespace Lambda.Batch.Jobs.Dashboard;

/// <summary>What the dashboard shows of a stream.</summary>
/// <param name="Name">The stream.</param>
/// <param name="Status">Its state in the store; null when the store does not know it.</param>
/// <param name="Positions">How far each layer is, by partition; null when log or history cannot be read, or hold no such stream yet.</param>
/// <param name="Audits">Its last audits, newest first.</param>
/// <param name="Runs">Its last runs, newest first.</param>
internal sealed record StreamOverview(
    string Name,
    StreamStatus? Status,
    IReadOnlyList<PartitionPosition>? Positions,
    IReadOnlyList<AuditReport> Audits,
    IReadOnlyList<BatchRunStatus> Runs)
{
    private const int ShownRuns = 10;
    private const int ShownAudits = 10;

    /// <summary>Reads it.</summary>
    public static async Task<StreamOverview> ReadAsync(IServiceProvider services, string name, CancellationToken cancellationToken)
    {
        IViewStore store = services.GetRequiredService<IViewStore>();
        StreamStatus? status = await store.ReadStreamAsync(name, cancellationToken).ConfigureAwait(false);
        return new StreamOverview(
            name,
            status,
            status is null ? null : await ReadPositionsAsync(services, status, cancellationToken).ConfigureAwait(false),
            await store.ReadAuditsAsync(name, ShownAudits, cancellationToken).ConfigureAwait(false),
            services.GetRequiredService<IBatchRuns>().Recent(name, ShownRuns));
    }

    private static async Task<IReadOnlyList<PartitionPosition>?> ReadPositionsAsync(
        IServiceProvider services, StreamStatus status, CancellationToken cancellationToken)
    {
        try
        {
            BatchStream stream = await services.GetRequiredService<BatchStreams>().OpenAsync(status.Stream, cancellationToken).ConfigureAwait(false);
            Boundary archived = (await stream.Archive.RefreshAsync(cancellationToken).ConfigureAwait(false)).Events;
            IEventLog log = services.GetRequiredService<IEventLog>();
            List<PartitionPosition> positions = [];
            foreach (PartitionStatus partition in status.Partitions)
            {
                OffsetRange readable = await log.GetOffsetsAsync(status.Stream, partition.Partition, cancellationToken).ConfigureAwait(false);
                positions.Add(new PartitionPosition(
                    partition.Partition,
                    readable.End,
                    partition.NextOffset,
                    archived[partition.Partition],
                    status.CurrentGeneration?.Boundary[partition.Partition] ?? partition.Start));
            }

            return positions;
        }
        catch (Exception error) when (error is EventLogException or BatchException or History.HistoryException or IOException)
        {
            // A page that shows what can be read is of more use than an error page.
            return null;
        }
    }
}

/// <summary>How far each layer is in a partition, as first offsets that it does not have.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="LogEnd">Of the log.</param>
/// <param name="Committed">Of the speed layer.</param>
/// <param name="Archived">Of the history.</param>
/// <param name="Boundary">Of the generation that serves.</param>
internal readonly record struct PartitionPosition(int Partition, long LogEnd, long Committed, long Archived, long Boundary)
{
    public long SpeedLag => Math.Max(0, LogEnd - Committed);

    public long ArchiveLag => Math.Max(0, LogEnd - Archived);

    public long BatchLag => Math.Max(0, LogEnd - Boundary);
}
