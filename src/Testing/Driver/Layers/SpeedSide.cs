using Lambda.Processing;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;
using Lambda.Views.Plans;

namespace Lambda.Testing.Layers;

/// <summary>The speed layer: its partitions.</summary>
internal sealed class SpeedSide(StreamPlan plan)
{
    private readonly SpeedPartition[] _partitions =
        [.. Enumerable.Range(0, plan.Stream.Partitions).Select(partition => new SpeedPartition(plan, partition))];

    /// <summary>The partitions.</summary>
    public IReadOnlyList<SpeedPartition> Partitions => _partitions;

    /// <summary>The stream's watermark at an instant, in UTC microseconds.</summary>
    public long Watermark(long now) => StreamWatermark.Of(
        [.. _partitions.Select(partition => partition.Status)], now, plan.Stream.IdleAfter, plan.Stream.OutOfOrderness);

    /// <summary>The partials of the epochs that lie between two boundaries.</summary>
    public IReadOnlyList<PartialBatch> Read(ViewDefinition view, Boundary from, Boundary to) =>
        [.. _partitions.SelectMany((partition, number) => partition.Read(view, from[number], to[number]))];

    /// <summary>The first partition in which a boundary cuts an epoch; null when there is none.</summary>
    public int? FindCut(Boundary boundary) => Enumerable.Range(0, _partitions.Length)
        .Where(partition => _partitions[partition].Cuts(boundary[partition]))
        .Select(partition => (int?)partition)
        .FirstOrDefault();
}
