using System.Linq.Expressions;
using Lambda.Aggregation;
using Lambda.Aggregation.Values;
using Lambda.Events;
using Lambda.Expressions;

namespace Lambda.Views.Plans;

/// <summary>Values that aggregates take, compiled, with their type put away.</summary>
internal abstract class AggregateInputPlan
{
    /// <summary>The type of the values.</summary>
    public abstract Type ValueType { get; }

    /// <summary>The expression in canonical form.</summary>
    public abstract string Text { get; }

    /// <summary>Creates a buffer for the values of a batch.</summary>
    public abstract AggregateInput CreateBuffer();

    /// <summary>Makes room for that many rows.</summary>
    public abstract void EnsureCapacity(AggregateInput buffer, int rows);

    /// <summary>Evaluates the values of the selected rows from <c>progress.Next</c> on.</summary>
    public abstract void Evaluate(EventBatch batch, RowSelection rows, KernelProgress progress, AggregateInput buffer);

    /// <summary>Compiles a selector.</summary>
    public static AggregateInputPlan Create(Type valueType, KernelCompiler compiler, LambdaExpression selector)
    {
        if (valueType == typeof(string) && compiler.TextIds(selector) is { } ids)
        {
            return new TextInputPlan(ids);
        }

        Type plan = valueType.IsGenericType && valueType.GetGenericTypeDefinition() == typeof(Timed<>)
            ? typeof(TimedInputPlan<>).MakeGenericType(valueType.GetGenericArguments())
            : typeof(AggregateInputPlan<>).MakeGenericType(valueType);
        return (AggregateInputPlan)Activator.CreateInstance(plan, compiler, selector)!;
    }
}

/// <inheritdoc/>
internal sealed class AggregateInputPlan<T>(KernelCompiler compiler, LambdaExpression selector) : AggregateInputPlan
{
    private static readonly bool[] NoNulls = [];
    private readonly CompiledKernel<T> _kernel = compiler.Values<T>(selector);

    /// <summary>Whether texts come from an expression, which can give such as UTF-8 cannot hold.</summary>
    private readonly bool _isComputedText = typeof(T) == typeof(string) && selector.Body is not MemberExpression { Expression: ParameterExpression };

    public override Type ValueType => typeof(T);

    public override string Text => _kernel.Text;

    public override AggregateInput CreateBuffer() => new AggregateInput<T> { Nulls = _kernel.IsNullable ? [] : null };

    public override void EnsureCapacity(AggregateInput buffer, int rows)
    {
        AggregateInput<T> typed = (AggregateInput<T>)buffer;
        if (typed.Values.Length < rows)
        {
            typed.Values = new T[rows];
            typed.Nulls = typed.Nulls is null ? null : new bool[rows];
        }
    }

    public override void Evaluate(EventBatch batch, RowSelection rows, KernelProgress progress, AggregateInput buffer)
    {
        AggregateInput<T> typed = (AggregateInput<T>)buffer;
        _kernel.Run(batch, rows.Rows, rows.Count, progress, typed.Values, typed.Nulls ?? NoNulls);
        if (_isComputedText)
        {
            foreach (ref string? text in ((string?[])(object)typed.Values).AsSpan(0, rows.Count))
            {
                text = WellFormed.Of(text);
            }
        }
    }
}
