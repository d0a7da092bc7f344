using Lambda.Aggregation;
using Lambda.Events;
using Lambda.Expressions;

namespace Lambda.Views.Plans;

/// <summary>Texts of a column that are taken as the dictionary ids that they are.</summary>
/// <param name="ids">Gives the ids.</param>
internal sealed class TextInputPlan(CompiledKernel<long> ids) : AggregateInputPlan
{
    public override Type ValueType => typeof(string);

    public override string Text => ids.Text;

    public override AggregateInput CreateBuffer() => new TextInput();

    public override void EnsureCapacity(AggregateInput buffer, int rows) => ((TextInput)buffer).EnsureCapacity(rows);

    public override void Evaluate(EventBatch batch, RowSelection rows, KernelProgress progress, AggregateInput buffer) =>
        ids.Run(batch, rows.Rows, rows.Count, progress, ((TextInput)buffer).Begin(batch.Dictionary, rows.Count), []);
}
