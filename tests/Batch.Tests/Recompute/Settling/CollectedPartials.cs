using Lambda.Batch.Recompute.Settling;
using Lambda.Batch.Tests.Recompute.Parts;
using Lambda.Processing;
using Lambda.Store;
using Lambda.Views.Partials;
using Lambda.Views.Plans;

namespace Lambda.Batch.Tests.Recompute.Settling;

/// <summary>Takes partials as lines, and gives the batches out again as a store would.</summary>
internal sealed class CollectedPartials(StreamPlan plan) : ISettledSink
{
    private readonly List<string> _lines = [];
    private readonly Stack<PartialBatch>[] _free = [.. plan.Views.Select(_ => new Stack<PartialBatch>())];

    /// <summary>How many batches came.</summary>
    public int Batches { get; private set; }

    /// <summary>How many partials came.</summary>
    public int Count => _lines.Count;

    public PartialBatch Rent(int view)
    {
        lock (_lines)
        {
            return _free[view].TryPop(out PartialBatch? batch) ? batch : new PartialBatch(plan.Views[view].View.Layout);
        }
    }

    public ValueTask TakeAsync(PartialKind kind, int view, PartialBatch partials, CancellationToken cancellationToken)
    {
        lock (_lines)
        {
            Batches++;
            _lines.AddRange(LinesOf(kind, view, partials));
            partials.Clear();
            _free[view].Push(partials);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>What a generation would hold: what has come, and what is left of a computation.</summary>
    public IReadOnlyList<string> With(PartialsByKind left) =>
        [.. _lines.Concat(Enumerable.Range(0, plan.Views.Count).SelectMany(
            view => Enum.GetValues<PartialKind>().SelectMany(kind => LinesOf(kind, view, left.Export(kind, view))))).Order(StringComparer.Ordinal)];

    private IEnumerable<string> LinesOf(PartialKind kind, int view, PartialBatch partials) =>
        ComputedText.Of(partials).Select(line => $"{plan.Views[view].View.Name} {kind}: {line}");
}
