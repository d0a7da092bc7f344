namespace Lambda.Aggregation;

/// <summary>An aggregator whose results have a type that its declaration cannot say, because it is a nullable value type or a text.</summary>
internal interface ITypedResult
{
    /// <summary>The type of the results that are not null.</summary>
    Type ResultType { get; }
}
