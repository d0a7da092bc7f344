using Lambda.Aggregation.Sharing;
using Lambda.Aggregation.Sql;

namespace Lambda.Aggregation;

/// <summary>An aggregator with its types put away, so that a view can hold any of them.</summary>
internal abstract class AggregateFunction
{
    /// <summary>Names the function and its parameters; part of the definition hash.</summary>
    public abstract string Signature { get; }

    /// <summary>The columns of its state.</summary>
    public abstract IReadOnlyList<StateColumn> StateColumns { get; }

    /// <summary>What SQL can compute from its state; nothing when SQL cannot.</summary>
    public abstract IReadOnlyList<SqlColumn> SqlColumns { get; }

    /// <summary>The type of its input after nulls are skipped; null when it counts rows.</summary>
    public abstract Type? InputType { get; }

    /// <summary>The type of its results.</summary>
    public abstract Type ResultType { get; }

    /// <summary>The types of which a user's code computes it; none of a built-in function.</summary>
    public virtual IReadOnlyList<Type> Code => [];

    /// <summary>The aggregator, if its state may be told from that of another; null of a user's.</summary>
    public virtual object? Aggregator => null;

    /// <summary>How the result of a function of the same values is read off the state of this one; null when it does not tell.</summary>
    public virtual HeldAnswer? AnswerTo(AggregateFunction other) => null;

    /// <summary>Creates an empty column of accumulators.</summary>
    public abstract AggregateState CreateState();

    /// <summary>The function of an aggregator; its loop is compiled for the aggregator's own type.</summary>
    public static AggregateFunction Of<TInput, TAccumulator, TResult>(IAggregator<TInput, TAccumulator, TResult> aggregator)
    {
        ArgumentNullException.ThrowIfNull(aggregator);
        return Create(aggregator, typeof(IAggregator<TInput, TAccumulator, TResult>));
    }

    /// <summary>The function of an aggregator of a type that is only known at run time, and that is one aggregator only.</summary>
    public static AggregateFunction Of(object aggregator) => Create(
        aggregator,
        aggregator.GetType().GetInterfaces().Single(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IAggregator<,,>)));

    private static AggregateFunction Create(object aggregator, Type implemented)
    {
        Type type = typeof(AggregateFunction<,,,>).MakeGenericType([aggregator.GetType(), .. implemented.GetGenericArguments()]);
        return (AggregateFunction)Activator.CreateInstance(type, aggregator)!;
    }
}

/// <inheritdoc/>
internal sealed class AggregateFunction<TAggregator, TInput, TAccumulator, TResult>(TAggregator aggregator) : AggregateFunction
    where TAggregator : IAggregator<TInput, TAccumulator, TResult>
{
    public override string Signature => aggregator.Signature;

    public override IReadOnlyList<StateColumn> StateColumns => aggregator.StateColumns;

    public override IReadOnlyList<SqlColumn> SqlColumns => aggregator is ISqlAggregator sql ? sql.SqlColumns : [];

    public override Type? InputType => typeof(TInput) == typeof(Row) ? null : typeof(TInput);

    public override Type ResultType => aggregator is ITypedResult typed ? typed.ResultType : typeof(TResult);

    public override object? Aggregator => aggregator;

    public override HeldAnswer? AnswerTo(AggregateFunction other) =>
        aggregator is IAnswersOthers holder && other.Aggregator is { } asked ? holder.AnswerTo(asked) : null;

    public override AggregateState CreateState() =>
        aggregator is IOwnState own ? own.CreateState() : new AggregateState<TAggregator, TInput, TAccumulator, TResult>(aggregator);
}
