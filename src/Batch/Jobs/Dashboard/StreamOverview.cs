using Lambda.Definition;
using Lambda.Jobs;
using Lambda.Store;

namespace Lambda.Batch.Jobs.Dashboard;

/// <summary>What the dashboard shows of a stream.</summary>
/// <param name="Name">The stream.</param>
/// <param name="Status">Its state in the store; null when the store does not know it.</param>
/// <param name="Audit">The last audit; null before the first.</param>
/// <param name="Runs">Its last runs, newest first.</param>
internal sealed record StreamOverview(string Name, StreamStatus? Status, AuditReport? Audit, IReadOnlyList<BatchRunStatus> Runs)
{
    private const int ShownRuns = 10;

    /// <summary>Reads it for all streams.</summary>
    public static async Task<IReadOnlyList<StreamOverview>> ReadAsync(
        Catalog catalog, IServingStore store, IBatchRuns runs, CancellationToken cancellationToken)
    {
        List<StreamOverview> overviews = [];
        foreach (string name in catalog.Streams.Select(stream => stream.Name))
        {
            IReadOnlyList<AuditReport> audits = await store.ReadAuditsAsync(name, 1, cancellationToken).ConfigureAwait(false);
            overviews.Add(new StreamOverview(
                name,
                await store.ReadStreamAsync(name, cancellationToken).ConfigureAwait(false),
                audits.Count > 0 ? audits[0] : null,
                runs.Recent(name, ShownRuns)));
        }

        return overviews;
    }
}
