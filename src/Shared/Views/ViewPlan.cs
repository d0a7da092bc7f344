using Lambda.Events;
using Lambda.Expressions;

namespace Lambda.Views;

/// <summary>A view with its expressions compiled. Immutable; shared by all operators of the view.</summary>
internal sealed class ViewPlan
{
    public ViewPlan(ViewDefinition view, EventSchema schema)
    {
        View = view;
        KernelCompiler compiler = new(schema);
        Filter = view.Filter is { } filter ? compiler.Values<bool>(filter) : null;
        Keys = [.. view.Keys.Select(key => compiler.KeyPart(key.Selector, key.Type))];

        // Aggregates over the same values share one evaluation of them.
        List<AggregateInputPlan> inputs = [];
        int?[] inputOfAggregate = new int?[view.Aggregates.Count];
        for (int i = 0; i < view.Aggregates.Count; i++)
        {
            AggregateDefinition aggregate = view.Aggregates[i];
            if (aggregate is { Selector: { } selector, Function.InputType: { } type })
            {
                string text = ExpressionText.Of(selector);
                int shared = ExpressionText.IsComplete(selector) ? inputs.FindIndex(input => input.ValueType == type && input.Text == text) : -1;
                if (shared < 0)
                {
                    shared = inputs.Count;
                    inputs.Add(AggregateInputPlan.Create(type, compiler, selector));
                }

                inputOfAggregate[i] = shared;
            }
        }

        Inputs = inputs;
        InputOfAggregate = inputOfAggregate;
    }

    /// <summary>The view.</summary>
    public ViewDefinition View { get; }

    /// <summary>Which rows count; null for all.</summary>
    public CompiledKernel<bool>? Filter { get; }

    /// <summary>One kernel per part of the group key.</summary>
    public IReadOnlyList<CompiledKernel<long>> Keys { get; }

    /// <summary>The distinct values that aggregates take.</summary>
    public IReadOnlyList<AggregateInputPlan> Inputs { get; }

    /// <summary>Per aggregate which of <see cref="Inputs"/> it takes; null when it counts rows.</summary>
    public IReadOnlyList<int?> InputOfAggregate { get; }
}
