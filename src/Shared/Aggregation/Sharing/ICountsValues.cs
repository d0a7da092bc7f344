namespace Lambda.Aggregation.Sharing;

/// <summary>An aggregator whose result is how many values it was given.</summary>
internal interface ICountsValues;
