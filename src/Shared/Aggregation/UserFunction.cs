using Lambda.Aggregation.Sql;

namespace Lambda.Aggregation;

/// <summary>The function of a user's aggregator: what it throws is said with its view and name.</summary>
/// <param name="function">The function.</param>
/// <param name="place">View and aggregate, in words.</param>
internal sealed class UserFunction(AggregateFunction function, string place) : AggregateFunction
{
    public override string Signature => function.Signature;

    public override IReadOnlyList<StateColumn> StateColumns => function.StateColumns;

    public override IReadOnlyList<SqlColumn> SqlColumns => function.SqlColumns;

    public override Type? InputType => function.InputType;

    public override Type ResultType => function.ResultType;

    public override IReadOnlyList<Type> Code => function.GetType().GenericTypeArguments;

    public override AggregateState CreateState() => new UserState(function.CreateState(), function.StateColumns, place);
}
