using Lambda.Aggregation;

namespace Lambda.Views.Tables;

/// <summary>Makes the accumulators of a view.</summary>
internal static class AggregateStates
{
    /// <summary>An empty column of accumulators per aggregate; those of aggregates that share a state are results over the column of its holder.</summary>
    public static AggregateState[] Create(ViewDefinition view)
    {
        IReadOnlyList<AggregateDefinition> aggregates = view.Aggregates;
        AggregateState[] states = new AggregateState[aggregates.Count];
        for (int i = 0; i < states.Length; i++)
        {
            if (aggregates[i].Shared is null)
            {
                states[i] = aggregates[i].Function.CreateState();
            }
        }

        for (int i = 0; i < states.Length; i++)
        {
            if (aggregates[i].Shared is { } shared)
            {
                states[i] = shared.Answer.Over(states[shared.Holder]);
            }
        }

        return states;
    }
}
