namespace Lambda.Aggregation;

/// <summary>Marks an aggregator whose accumulators are kept in another column than the usual one.</summary>
internal interface IOwnState
{
    /// <summary>Creates an empty column of accumulators.</summary>
    AggregateState CreateState();
}
