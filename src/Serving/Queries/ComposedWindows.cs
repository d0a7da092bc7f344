using Lambda.Serving.Answers;
using Lambda.Store;
using Lambda.Views;

namespace Lambda.Serving.Queries;

/// <summary>The windows of an answer and where their events come from.</summary>
internal sealed class ComposedWindows
{
    private readonly Dictionary<(GroupKey Key, long Start), long> _batchEvents;
    private readonly Dictionary<(GroupKey Key, long Start), long> _lateEvents;

    private ComposedWindows(IReadOnlyList<WindowRow> rows, IEnumerable<WindowRow> batch, IEnumerable<WindowRow> late)
    {
        Rows = rows;
        _batchEvents = batch.ToDictionary(row => row.Address, row => row.EventCount);
        _lateEvents = late.ToDictionary(row => row.Address, row => row.EventCount);
    }

    /// <summary>The windows, by start and key.</summary>
    public IReadOnlyList<WindowRow> Rows { get; }

    /// <summary>How many events the speed layer refused, whether or not their window has a row.</summary>
    public long LateEvents => _lateEvents.Values.Sum();

    /// <summary>The view whose rows the answer has.</summary>
    public static ViewDefinition ViewOf(ViewRequest request) =>
        request.Grouping == RowGrouping.Window ? request.View.WithoutKeys() : request.View;

    /// <summary>Composes the windows of a layer.</summary>
    public static ComposedWindows Of(ViewRequest request, ViewSnapshot snapshot)
    {
        ViewDefinition view = ViewOf(request);
        PartialBatch? kept = request.Layer == ViewLayer.Speed ? null : snapshot.Batch.GetValueOrDefault(PartialKind.Kept);
        PartialBatch? speed = request.Layer == ViewLayer.Batch ? null : snapshot.Speed;
        return new ComposedWindows(
            Compose(view, PartialSelection.Accepted, kept, speed),
            Compose(view.CountingOnly(), PartialSelection.Accepted, kept),
            Compose(view.CountingOnly(), PartialSelection.Late, speed));

        IReadOnlyList<WindowRow> Compose(ViewDefinition view, PartialSelection selection, params IEnumerable<PartialBatch?> partials)
        {
            WindowComposer composer = new(view);
            foreach (PartialBatch batch in partials.OfType<PartialBatch>())
            {
                composer.Add(batch);
            }

            return composer.Compose(selection, request.Range.From, request.Range.To);
        }
    }

    /// <summary>Where the events of a row come from.</summary>
    public Provenance ProvenanceOf(WindowRow row)
    {
        long batch = _batchEvents.GetValueOrDefault(row.Address);
        return new Provenance(batch, row.EventCount - batch, _lateEvents.GetValueOrDefault(row.Address));
    }
}
