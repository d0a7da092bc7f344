using Lambda.Serving.Answers;
using Lambda.Serving.Requests;
using Lambda.Store;
using Lambda.Views.Composing;
using Lambda.Views.Partials;
using Lambda.Windows;

namespace Lambda.Serving.Queries;

/// <summary>The windows of an answer and where their events come from.</summary>
internal sealed class ComposedWindows
{
    private readonly PartialSource _batch;
    private readonly PartialSource _speed;
    private readonly PartialSource _late;

    private ComposedWindows(ViewRequest request, ViewSnapshot snapshot)
    {
        WindowComposer composer = new(request.Rows);
        _batch = composer.AddSource(PartialSelection.Accepted, SourceRole.Result);
        _speed = composer.AddSource(PartialSelection.Accepted, SourceRole.Result);
        _late = composer.AddSource(PartialSelection.Late, SourceRole.Tally);
        if (request.Layer != ViewLayer.Speed && snapshot.Batch.TryGetValue(PartialKind.Kept, out PartialBatch? kept))
        {
            composer.Add(_batch, kept);
        }

        if (request.Layer != ViewLayer.Batch)
        {
            composer.Add(_speed, snapshot.Speed);
            composer.Add(_late, snapshot.Speed);
        }

        // What is left of a window that shared its lost partials with others is no answer; the envelope says that it is missing.
        long from = request.Layer == ViewLayer.Speed && request.View.Layout.WindowReach > 0 ? snapshot.ComparableFrom : long.MinValue;
        FirstRows first = new(request.Order, request.Limit);
        long lateOfWindows = 0;
        foreach (WindowRow row in composer.Enumerate(new TimeWindow(request.Range.From, request.Range.To)).Where(row => row.Start >= from))
        {
            lateOfWindows += row.EventsOf(_late);
            if (row.EventCount > 0 && request.After?.IsBefore(row, request.Order) != false)
            {
                first.Add(row);
            }
        }

        Rows = first.ToList();
        HasMore = first.HasMore;
        NextCursor = HasMore ? request.Cursors?.Write(RowCursor.Of(Rows[^1], request.Order)) : null;
        LateEvents = request.Layer == ViewLayer.Batch
            ? 0
            : Queries.LateEvents.Count(request.View.Window, request.Range, snapshot.Speed, lateOfWindows);
    }

    /// <summary>The first windows in the order that was asked for, as many as were asked for.</summary>
    public IReadOnlyList<WindowRow> Rows { get; }

    /// <summary>The least range that they all lie in; there has to be one.</summary>
    public WindowRange Range => new(Rows.Min(row => row.Start), Rows.Max(row => row.End));

    /// <summary>Whether there are more.</summary>
    public bool HasMore { get; }

    /// <summary>What asks for those that come next; null when there are none, or when nothing can.</summary>
    public string? NextCursor { get; }

    /// <summary>How many events came too late for all their windows, whether or not these have rows.</summary>
    public long LateEvents { get; }

    /// <summary>Composes the windows of a layer.</summary>
    public static ComposedWindows Of(ViewRequest request, ViewSnapshot snapshot) => new(request, snapshot);

    /// <summary>Where the events of a row come from.</summary>
    public Provenance ProvenanceOf(WindowRow row) => new(row.EventsOf(_batch), row.EventsOf(_speed), row.EventsOf(_late));
}
