namespace Lambda.Store;

/// <summary>The history of what audits measured. A point is added by the publication of its generation; those of rejected ones are not kept.</summary>
internal interface IMetricStore
{
    /// <summary>The points of a stream's metric, newest first.</summary>
    ValueTask<IReadOnlyList<MetricPoint>> ReadMetricAsync(string stream, string metric, int limit, CancellationToken cancellationToken);
}
