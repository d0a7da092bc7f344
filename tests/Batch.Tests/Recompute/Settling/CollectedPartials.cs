using Lambda.Batch.Recompute;
using Lambda.Batch.Recompute.Settling;
using Lambda.Batch.Tests.Recompute.Parts;
using Lambda.Processing;
using Lambda.Store;
using Lambda.Views.Comparing;
using Lambda.Views.Partials;
using Lambda.Views.Plans;

namespace Lambda.Batch.Tests.Recompute.Settling;

/// <summary>Takes partials as lines, and gives the batches out again as a store would.</summary>
internal sealed class CollectedPartials(StreamPlan plan) : ISettledSink
{
    private readonly List<string> _lines = [];

    /// <summary>By kind and view what has come, where windows follow the order of events.</summary>
    private readonly Dictionary<(PartialKind Kind, int View), PartialBatch> _orders = [];
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
            if (partials.Layout.HasPositions)
            {
                Order(kind, view).With(partials);
            }

            partials.Clear();
            _free[view].Push(partials);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>What a generation would hold: what has come, and what is left of a computation.</summary>
    public IReadOnlyList<string> With(PartialsByKind left) =>
        [.. _lines.Concat(Enumerable.Range(0, plan.Views.Count).SelectMany(
            view => Enum.GetValues<PartialKind>().SelectMany(kind => LinesOf(kind, view, left.Export(kind, view))))).Order(StringComparer.Ordinal)];

    /// <summary>What a generation would hold: also windows that became windows as read when all had come.</summary>
    public IReadOnlyList<string> With(PartialsByKind left, IReadOnlyDictionary<int, PartialKeys> moved) =>
    [
        .. With(left).Concat(moved.SelectMany(keys => LinesOf(
            PartialKind.AsRead,
            keys.Key,
            EarlierWindows.Of(plan.Views[keys.Key].View, keys.Value.Among(Order(PartialKind.Kept, keys.Key)), Order(PartialKind.AsRead, keys.Key)))))
            .Order(StringComparer.Ordinal),
    ];

    private PartialBatch Order(PartialKind kind, int view)
    {
        if (!_orders.TryGetValue((kind, view), out PartialBatch? order))
        {
            _orders.Add((kind, view), order = new PartialBatch(plan.Views[view].View.Layout));
        }

        return order;
    }

    private IEnumerable<string> LinesOf(PartialKind kind, int view, PartialBatch partials) =>
        ComputedText.Of(partials).Select(line => $"{plan.Views[view].View.Name} {kind}: {line}");
}
