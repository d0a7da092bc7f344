namespace Lambda.Aggregation.Sql;

/// <summary>
/// An aggregator whose answers SQL can compute from stored states. They then appear in the SQL views of a PostgreSQL store; those of other
/// aggregators do not.
/// </summary>
public interface ISqlAggregator
{
    /// <summary>What a SQL view shows of the aggregate.</summary>
    IReadOnlyList<SqlColumn> SqlColumns { get; }
}

/// <summary>A column of a SQL view, computed over the partials that make up a window.</summary>
/// <param name="Name">What the column is called after the aggregate, in lower case, such as <c>sum</c>; empty for the aggregate's result.</param>
/// <param name="Expression">
/// An expression of PostgreSQL that aggregates over partials. <c>{0}</c>, <c>{1}</c> and so on stand for the state columns by their place in
/// <see cref="IAggregator{TInput,TAccumulator,TResult}.StateColumns"/>, as in <c>sum({0}) / nullif(sum({1}), 0)</c>.
/// </param>
public sealed record SqlColumn(string Name, string Expression);
