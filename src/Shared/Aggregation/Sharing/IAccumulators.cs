namespace Lambda.Aggregation.Sharing;

/// <summary>Accumulators by slot, for those that read other results off them.</summary>
internal interface IAccumulators<TAccumulator>
{
    /// <summary>The accumulators; what stands behind the slots there are has no meaning.</summary>
    ReadOnlySpan<TAccumulator> Accumulators { get; }
}
