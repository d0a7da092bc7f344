using System.Linq.Expressions;
using Lambda.Aggregation;
using Lambda.Events;
using Lambda.Expressions;

namespace Lambda.Views.Plans;

/// <summary>Values with the moments of their events, for aggregates that ask which event was first.</summary>
internal sealed class TimedInputPlan<T>(KernelCompiler compiler, LambdaExpression selector) : AggregateInputPlan
{
    private readonly AggregateInputPlan<T> _values = new(compiler, selector);

    public override Type ValueType => typeof(Timed<T>);

    public override string Text => _values.Text;

    public override AggregateInput CreateBuffer() => new TimedInput { Plain = (AggregateInput<T>)_values.CreateBuffer() };

    public override void EnsureCapacity(AggregateInput buffer, int rows)
    {
        TimedInput timed = (TimedInput)buffer;
        _values.EnsureCapacity(timed.Plain, rows);
        timed.Nulls = timed.Plain.Nulls;
        if (timed.Values.Length < rows)
        {
            timed.Values = new Timed<T>[rows];
        }
    }

    public override void Evaluate(EventBatch batch, RowSelection rows, KernelProgress progress, AggregateInput buffer)
    {
        TimedInput timed = (TimedInput)buffer;
        _values.Evaluate(batch, rows, progress, timed.Plain);
        ReadOnlySpan<int> selected = rows.Span;
        Span<Timed<T>> values = timed.Values.AsSpan(0, selected.Length);
        ReadOnlySpan<T> plain = timed.Plain.Values.AsSpan(0, selected.Length);
        for (int i = 0; i < selected.Length; i++)
        {
            int row = selected[i];
            values[i] = new Timed<T>(plain[i], new EventMoment(batch.EventTimes[row], batch.Partitions[row], batch.Offsets[row]));
        }
    }

    /// <summary>Also holds the values as the kernel gives them, without moments.</summary>
    private sealed class TimedInput : AggregateInput<Timed<T>>
    {
        public required AggregateInput<T> Plain { get; init; }
    }
}
