using Hangfire;
using Lambda.Batch.Telemetry;
using Lambda.Definition;
using Lambda.Store;
using Lambda.Views;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Lambda.Batch.Jobs;

/// <summary>
/// Runs streams at the start whose generation that serves lacks a view as it is declared now: answers of that view begin with the speed layer's first event of it, and
/// would until the schedule came round, be it at night.
/// </summary>
internal sealed class ChangedViews(IRecurringJobManagerV2 jobs, IViewStore store, Catalog catalog, ILogger<ChangedViews> logger) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (StreamDefinition stream in catalog.Streams)
        {
            StreamStatus? status = await store.ReadStreamAsync(stream.Name, cancellationToken).ConfigureAwait(false);
            if (status?.CurrentGeneration is { } current
                && stream.Views.FirstOrDefault(view => !current.Holds(view.Layout)) is { } lacking)
            {
                jobs.TriggerJob(BatchSchedules.RecomputeOf(stream.Name));
                BatchLog.ViewChanged(logger, stream.Name, lacking.Name, current.Generation);
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
