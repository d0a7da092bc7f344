using System.Linq.Expressions;
using Lambda.Events;
using Lambda.Expressions;
using Lambda.Windows;

namespace Lambda.Views.Plans;

/// <summary>
/// The events that pass one filter, and everything that the views with that filter compute from each of them: every distinct key part and value
/// once, however many views and aggregates ask for it. Grows while the plans of views are made; immutable afterwards, and shared by all operators.
/// </summary>
internal sealed class SelectionPlan
{
    private readonly KernelCompiler _compiler;
    private readonly List<KeyPartPlan> _keys = [];
    private readonly List<InputPlan> _inputs = [];

    private SelectionPlan(KernelCompiler compiler, Flattening? flattening, string source, LambdaExpression? filter, WindowSpec? gaps)
    {
        Flattening = flattening;
        _compiler = compiler;
        FilterSource = source;
        Filter = filter is null ? null : compiler.Values<bool>(filter);
        Gaps = gaps is SlicedWindows sliced ? sliced.Slicing : null;
        GapsSignature = gaps?.Signature;
        IsShareable = filter is null || ExpressionText.IsComplete(filter);
    }

    /// <summary>The array whose elements the rows are; null when they are events.</summary>
    public Flattening? Flattening { get; }

    /// <summary>Which rows count; null for all.</summary>
    public CompiledKernel<bool>? Filter { get; }

    /// <summary>Whose filter it is, in words: the first view that has it.</summary>
    public string FilterSource { get; }

    /// <summary>How time is cut when it has gaps, whose events count in no window; null when it has none.</summary>
    public ISlicing? Gaps { get; }

    /// <summary>One kernel per distinct key part.</summary>
    public IReadOnlyList<KeyPartPlan> Keys => _keys;

    /// <summary>The distinct values that aggregates take.</summary>
    public IReadOnlyList<InputPlan> Inputs => _inputs;

    private string? GapsSignature { get; }

    /// <summary>Whether the text of the filter says all about it.</summary>
    private bool IsShareable { get; }

    /// <summary>The selection that a view needs: one of <paramref name="plans"/> if it fits, else a new one, which is added to them.</summary>
    public static SelectionPlan FindOrAdd(List<SelectionPlan> plans, ViewDefinition view, KernelCompiler compiler)
    {
        WindowSpec? gaps = view.Window is SlicedWindows { Slicing.HasGaps: true } ? view.Window : null;
        string? text = view.Filter is { } filter ? ExpressionText.Of(filter) : null;
        SelectionPlan? plan = view.Filter is null || ExpressionText.IsComplete(view.Filter)
            ? plans.Find(other => other.IsShareable && other.Flattening == view.Flattening && other.Filter?.Text == text && other.GapsSignature == gaps?.Signature)
            : null;
        if (plan is null)
        {
            plan = new SelectionPlan(compiler, view.Flattening, Source(view), view.Filter, gaps);
            plans.Add(plan);
        }

        return plan;
    }

    /// <summary>The index among <see cref="Keys"/> of a key part.</summary>
    public int AddKey(ViewDefinition view, KeyDefinition key)
    {
        string text = ExpressionText.Of(key.Selector);
        bool isShareable = ExpressionText.IsComplete(key.Selector);
        int index = isShareable ? _keys.FindIndex(other => other.IsShareable && other.Type == key.Type && other.Kernel.Text == text) : -1;
        if (index < 0)
        {
            index = _keys.Count;
            _keys.Add(new KeyPartPlan(key.Type, _compiler.KeyPart(key.Selector, key.Type), Source(view), isShareable));
        }

        return index;
    }

    /// <summary>The index among <see cref="Inputs"/> of the values that an aggregate takes; null when it counts rows.</summary>
    public int? AddInput(ViewDefinition view, AggregateDefinition aggregate)
    {
        if (aggregate is not { Selector: { } selector, Function.InputType: { } type })
        {
            return null;
        }

        string text = ExpressionText.Of(selector);
        bool isShareable = ExpressionText.IsComplete(selector);
        int index = isShareable ? _inputs.FindIndex(other => other.IsShareable && other.Input.ValueType == type && other.Input.Text == text) : -1;
        if (index < 0)
        {
            index = _inputs.Count;
            _inputs.Add(new InputPlan(AggregateInputPlan.Create(type, _compiler, selector), Source(view), isShareable));
        }

        return index;
    }

    private static string Source(ViewDefinition view) => $"view '{view.Name}'";
}

/// <summary>A part of a group key, compiled.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Kernel">Computes it as 64 bits.</param>
/// <param name="Source">Whose it is, in words: the first view that groups by it.</param>
/// <param name="IsShareable">Whether the text of the part says all about it.</param>
internal sealed record KeyPartPlan(ColumnType Type, CompiledKernel<long> Kernel, string Source, bool IsShareable);

/// <summary>Values that aggregates take.</summary>
/// <param name="Input">Computes them.</param>
/// <param name="Source">Whose they are, in words: the first view with an aggregate over them.</param>
/// <param name="IsShareable">Whether the text of the values says all about them.</param>
internal sealed record InputPlan(AggregateInputPlan Input, string Source, bool IsShareable);
