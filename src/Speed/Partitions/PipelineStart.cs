using Lambda.Processing;
using Lambda.Store;
using Lambda.Time;
using Lambda.Views;
using Lambda.Views.Plans;
using Lambda.Windows;

namespace Lambda.Speed.Partitions;

/// <summary>Makes pipelines that judge events as the ones before them would have.</summary>
internal static class PipelineStart
{
    /// <summary>The pipeline of a partition that has been claimed.</summary>
    public static async Task<PartitionPipeline> ResumeAsync(
        StreamPlan plan, int partition, PartitionClaim claim, ISpeedStore store, CancellationToken cancellationToken)
    {
        PartitionPipeline pipeline = new(plan, partition, claim);
        if (claim.MaxEventTime is { } maxEventTime)
        {
            long watermark = WatermarkTracker.Of(maxEventTime, UtcMicroseconds.From(plan.Stream.OutOfOrderness));
            foreach (ViewDefinition view in plan.Stream.Views)
            {
                if (view.Window is SessionWindows sessions)
                {
                    LiveSessionBound bound = new(TimeWindow.LeastEndNotRefused(watermark, UtcMicroseconds.From(view.AllowedLateness)), sessions.Gap);
                    pipeline.Resume(await store.ReadLiveSessionsAsync(view.Layout, claim.Lane ?? plan.Stream.Name, partition, bound, cancellationToken));
                }
            }
        }

        return pipeline;
    }
}
