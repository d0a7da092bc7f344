using Lambda.Events;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Comparing;
using Lambda.Views.Operators;
using Lambda.Views.Partials;
using Lambda.Views.Plans;
using Lambda.Views.Tables;

namespace Lambda.Processing;

/// <summary>The partials of all views of a stream, by what the batch layer did with their events. Several threads may read them at once while none adds any.</summary>
internal sealed class PartialsByKind
{
    private readonly StreamPlan _plan;
    private readonly StreamOperator[] _operators;

    public PartialsByKind(StreamPlan plan, StringDictionary dictionary)
    {
        _plan = plan;
        _operators = [.. Kinds.Select(_ => new StreamOperator(plan, dictionary))];
    }

    /// <summary>What can become of an event, each at the place of its number.</summary>
    public static IReadOnlyList<PartialKind> Kinds { get; } = [PartialKind.Kept, PartialKind.Duplicate, PartialKind.Quarantined];

    /// <summary>Roughly how many bytes the keys take that have been seen, which stay when their partials have left.</summary>
    public long KeyByteCount => _operators.Sum(operators => operators.Views.Sum(view => view.Table.Keys.ByteCount));

    /// <summary>Roughly how many bytes the partials take.</summary>
    public long ByteCount => _operators.Sum(operators => operators.ByteCount);

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
                    this[kind].Views[view].Table.Merge(other.Collected(kind, view));
                }
            }
        }
    }

    /// <summary>The partials of all events of a view, whatever became of them; those of different kinds stand side by side.</summary>
    public PartialBatch AllOf(ViewDefinition view)
    {
        int place = _plan.Views.ToList().FindIndex(plan => plan.View == view);
        PartialBatch all = new(view.Layout);
        all.Reserve(Kinds.Sum(kind => this[kind].Views[place].Table.Count));
        foreach (PartialKind kind in Kinds)
        {
            this[kind].Views[place].Table.ExportAll(all);
        }

        return all;
    }

    /// <summary>What a generation holds of a kind and a view, the latter by its place in the plan, once all events have been added.</summary>
    public PartialBatch Export(PartialKind kind, int view) => kind switch
    {
        PartialKind.Kept => Settled(this[kind].Views[view].Table, view),
        PartialKind.AsRead => AsRead(view),
        _ => Collected(kind, view),
    };

    private PartialBatch AsRead(int view)
    {
        ViewDefinition definition = _plan.Views[view].View;
        PartialBatch duplicates = Collected(PartialKind.Duplicate, view);
        PartialBatch quarantined = Collected(PartialKind.Quarantined, view);
        if (!definition.Layout.HasPositions || duplicates.Count + quarantined.Count == 0)
        {
            return new PartialBatch(definition.Layout);
        }

        PartialKeys moved = new(definition);
        moved.Add(duplicates);
        moved.Add(quarantined);
        PartialTable all = PartialTable.Create(definition, new StringDictionary());
        all.Merge(duplicates);
        all.Merge(quarantined);
        all.Merge(moved.Among(Collected(PartialKind.Kept, view)));
        return Settled(all, view);
    }

    /// <summary>The partials of a kind and a view as they were added: where windows are made by the order of events, each event.</summary>
    public PartialBatch Collected(PartialKind kind, int view)
    {
        PartialBatch partials = new(_plan.Views[view].View.Layout);
        PartialTable table = this[kind].Views[view].Table;
        partials.Reserve(table.Count);
        table.ExportAll(partials);
        return partials;
    }

    private PartialBatch Settled(PartialTable table, int view)
    {
        PartialBatch partials = new(_plan.Views[view].View.Layout);
        partials.Reserve(table.Count);
        table.ExportSettled(partials);
        return partials;
    }
}
