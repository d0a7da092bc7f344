using Lambda.Aggregation.Sharing;
using Lambda.Expressions;
using Lambda.Views;

namespace Lambda.Definition;

/// <summary>
/// Finds the aggregates of a view that need no state of their own, because another one's over the same values tells their results: a sum and a number
/// beside the average, a quantile beside another one.
/// </summary>
internal sealed class SharedStates
{
    private readonly IReadOnlyList<AggregateDefinition> _aggregates;

    /// <summary>Per holder and aggregate how the result of the one is read off the state of the other.</summary>
    private readonly HeldAnswer?[,] _answers;

    private SharedStates(IReadOnlyList<AggregateDefinition> aggregates)
    {
        _aggregates = aggregates;

        // Null of a selector that its text does not say all about: it is like no other.
        string?[] texts = [.. aggregates.Select(aggregate =>
            aggregate.Selector is { } selector && ExpressionText.IsComplete(selector) ? ExpressionText.Of(selector) : null)];
        _answers = new HeldAnswer?[aggregates.Count, aggregates.Count];
        for (int holder = 0; holder < aggregates.Count; holder++)
        {
            for (int asked = 0; asked < aggregates.Count; asked++)
            {
                if (holder != asked && texts[holder] is { } text && TakesSameValues(aggregates[holder], text, aggregates[asked], texts[asked]))
                {
                    _answers[holder, asked] = aggregates[holder].Function.AnswerTo(aggregates[asked].Function);
                }
            }
        }
    }

    /// <summary>The aggregates, with those that share a state marked. Depends on nothing but the definition, as stored columns follow from it.</summary>
    public static IReadOnlyList<AggregateDefinition> Among(IReadOnlyList<AggregateDefinition> aggregates)
    {
        SharedStates found = new(aggregates);
        return [.. aggregates.Select((aggregate, place) => aggregate with { Shared = found.HolderOf(place) })];
    }

    private SharedState? HolderOf(int asked)
    {
        for (int holder = 0; holder < _aggregates.Count && !IsHolder(asked); holder++)
        {
            if (_answers[holder, asked] is { } answer && IsHolder(holder))
            {
                return new SharedState(holder, answer);
            }
        }

        return null;
    }

    /// <summary>Whether no other tells more: of those that tell the same, the first one holds the state.</summary>
    private bool IsHolder(int place) => !Enumerable.Range(0, _aggregates.Count).Any(other =>
        _answers[other, place] is not null && (other < place || _answers[place, other] is null));

    private static bool TakesSameValues(AggregateDefinition holder, string text, AggregateDefinition asked, string? askedText) => asked.Selector is null
        ? CanNotBeNull(holder.Selector!.ReturnType)
        : text == askedText && (asked.Function.Aggregator is ICountsValues || asked.Function.InputType == holder.Function.InputType);

    /// <summary>Those who count rows take all of them: as many as there are values where none can be null.</summary>
    private static bool CanNotBeNull(Type type) => type.IsValueType && Nullable.GetUnderlyingType(type) is null;
}
