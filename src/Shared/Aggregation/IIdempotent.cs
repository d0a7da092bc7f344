namespace Lambda.Aggregation;

/// <summary>Marks an aggregator whose accumulator stays as it is when a value is added that it has been given before.</summary>
internal interface IIdempotent;
