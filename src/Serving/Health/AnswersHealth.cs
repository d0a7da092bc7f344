using Lambda.Definition;
using Lambda.Health;
using Lambda.Serving.Queries;
using Lambda.Store;
using Lambda.Views;

namespace Lambda.Serving.Health;

/// <summary>
/// Whether the views, as this process declares them, are computed from the start of their streams. After a definition has changed the version before has what the
/// new one still lacks, so whoever sends requests may leave them with the processes that declare it until then.
/// </summary>
/// <param name="catalog">The views.</param>
/// <param name="store">What is computed.</param>
/// <param name="whileReplacing">
/// The state of a view whose version before has what the new one lacks. <see cref="HealthState.NotReady"/> only where readiness of this process is nothing that
/// the new version waits for: a roll-out that waits for it must not keep back processes that would compute the version.
/// </param>
internal sealed class AnswersHealth(Catalog catalog, IServingStore store, HealthState whileReplacing) : IHealthSource
{
    public string Part => "answers";

    public async ValueTask<PartHealth> CheckAsync(CancellationToken cancellationToken)
    {
        List<ItemHealth> items = [];
        foreach (StreamDefinition stream in catalog.Streams)
        {
            StreamCoverage coverage = await store.ReadCoverageAsync(stream.Name, [.. stream.Views.Select(view => view.Layout)], cancellationToken)
                .ConfigureAwait(false);

            // A stream that the store does not know is told of by its own part.
            if (coverage.Stream is { } status)
            {
                items.AddRange(stream.Views.Zip(coverage.Views, (view, covered) => Judge(view, covered.From, status)));
            }
        }

        return PartHealth.Of(items);
    }

    private ItemHealth Judge(ViewDefinition view, Boundary covered, StreamStatus stream)
    {
        GenerationInfo? current = stream.CurrentGeneration;
        GenerationInfo? holding = current is not null && current.Holds(view.Layout) ? current : null;
        Boundary boundary = holding?.Boundary ?? stream.Starts;
        if (boundary.Covers(covered))
        {
            return new ItemHealth(view.Name, HealthState.Ready, null);
        }

        string computed = $"The speed layer computes the view with its present definition from offsets {covered} on";
        return holding is null && current is not null && current.ViewVersions.ContainsKey(view.Name)
            ? new ItemHealth(
                view.Name,
                whileReplacing,
                $"{computed}, and generation {current.Generation}, which serves, holds another definition of it. Processes with that one have all of it, so let them serve meanwhile. "
                + Coverage.RunBatch(view))
            : new ItemHealth(
                view.Name, HealthState.Degraded, $"{computed}, and the batch layer covers it up to {boundary} only. {Coverage.RunBatch(view)}");
    }
}
