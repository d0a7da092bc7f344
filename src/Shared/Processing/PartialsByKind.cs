using Lambda.Events;
using Lambda.Store;
using Lambda.Views;

namespace Lambda.Processing;

/// <summary>The partials of all views of a stream, by what the batch layer did with their events. Not safe for use by several threads at once.</summary>
internal sealed class PartialsByKind
{
    public static readonly IReadOnlyList<PartialKind> Kinds = [PartialKind.Kept, PartialKind.Duplicate, PartialKind.Quarantined];

    private readonly StreamPlan _plan;
    private readonly StreamOperator[] _operators;

    public PartialsByKind(StreamPlan plan, StringDictionary dictionary)
    {
        _plan = plan;
        _operators = [.. Kinds.Select(_ => new StreamOperator(plan, dictionary))];
    }

    /// <summary>Computes the partials of a kind.</summary>
    public StreamOperator this[PartialKind kind] => _operators[(int)kind];

    /// <summary>Adds what another has computed; the other stays as it is.</summary>
    public void Merge(PartialsByKind other)
    {
        foreach (PartialKind kind in Kinds)
        {
            for (int view = 0; view < _plan.Views.Count; view++)
            {
                if (other[kind].Views[view].Table.Count > 0)
                {
                    this[kind].Views[view].Table.Merge(other.Export(kind, view));
                }
            }
        }
    }

    /// <summary>All partials of a kind and a view, the latter by its place in the plan.</summary>
    public PartialBatch Export(PartialKind kind, int view)
    {
        PartialBatch partials = new(_plan.Views[view].View.Layout);
        this[kind].Views[view].Table.ExportAll(partials);
        return partials;
    }
}
