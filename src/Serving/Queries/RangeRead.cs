using Lambda.Serving.Requests;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Composing;
using Lambda.Views.Partials;
using Lambda.Windows;

namespace Lambda.Serving.Queries;

/// <summary>Reads the partials that the windows of a range are made of.</summary>
internal static class RangeRead
{
    /// <summary>Everything that is read, as of one instant; the windows that are wanted lie in it.</summary>
    /// <exception cref="ViewStoreException">The store cannot be read.</exception>
    public static ValueTask<ViewSnapshot> ReadAsync(IServingStore store, ViewRequest request, ReadScope scope, CancellationToken cancellationToken) =>
        request.View.Window switch
        {
            SlicedWindows windows => ReadAsync(
                store, request, scope, windows.Slicing.SlicesOf(new TimeWindow(request.Range.From, request.Range.To)), cancellationToken),
            SessionWindows windows => ReadSessionsAsync(store, request, scope, windows, cancellationToken),
            _ => ReadAsync(store, request, scope, TimeWindow.All, cancellationToken),
        };

    /// <summary>
    /// A session may reach out of the range, and how far is known only when it has been read. So the range is widened until no session of it reaches the edge
    /// of what was read; each read is a snapshot of its own, and the last one is the answer's.
    /// </summary>
    private static async ValueTask<ViewSnapshot> ReadSessionsAsync(
        IServingStore store, ViewRequest request, ReadScope scope, SessionWindows windows, CancellationToken cancellationToken)
    {
        const int FirstMargin = 8;
        const int Growth = 4;
        TimeWindow wanted = new(request.Range.From, request.Range.To);
        for (Int128 margin = (Int128)windows.Gap * FirstMargin; ; margin *= Growth)
        {
            TimeWindow range = new(
                (long)Int128.Max(wanted.Start - margin, TimeWindow.All.Start), (long)Int128.Min(wanted.End + margin, TimeWindow.All.End));
            ViewSnapshot read = await ReadAsync(store, request, scope, range, cancellationToken).ConfigureAwait(false);
            if (!Reaches(read, range) || !Sessions(request.View, read, wanted).Any(session => session.Start <= range.Start || session.End >= range.End))
            {
                return read;
            }
        }
    }

    /// <summary>
    /// Whether anything that was read, of whatever key, reaches the edge of the range. Without that no session does, and to compose them takes as long as to compose
    /// the answer.
    /// </summary>
    private static bool Reaches(ViewSnapshot snapshot, TimeWindow range)
    {
        foreach (PartialBatch partials in snapshot.Batch.Values.Append(snapshot.Speed))
        {
            for (int row = 0; row < partials.Count; row++)
            {
                if (partials.Starts[row] <= range.Start || partials.Ends[row] >= range.End)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>The sessions of all events that were read, whatever has become of them.</summary>
    private static IEnumerable<TimeWindow> Sessions(ViewDefinition view, ViewSnapshot snapshot, TimeWindow wanted)
    {
        WindowComposer composer = new(view.CountingOnly());
        PartialSource all = composer.AddSource(PartialSelection.AcceptedAndLate, SourceRole.Result);
        foreach (PartialBatch partials in snapshot.Batch.Values.Append(snapshot.Speed))
        {
            composer.Add(all, partials);
        }

        return composer.Enumerate(wanted).Select(row => new TimeWindow(row.Start, row.End));
    }

    private static ValueTask<ViewSnapshot> ReadAsync(
        IServingStore store, ViewRequest request, ReadScope scope, TimeWindow slices, CancellationToken cancellationToken) => store.ReadViewAsync(
            new ViewRead(request.View.Layout, new WindowRange(slices.Start, slices.End), request.Key, scope), cancellationToken);
}
