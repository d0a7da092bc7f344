using System.Runtime.CompilerServices;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;
using Lambda.Windows;

namespace Lambda.Batch.Recompute.Sessions;

/// <summary>Reads the sessions that the store has of a view, piece by piece of time.</summary>
/// <param name="stored">Reads partials of the view.</param>
/// <param name="view">A view of sessions.</param>
internal sealed class StoredSessions(StoredWindows stored, ViewDefinition view)
{
    /// <summary>Reads the sessions that begin in a time or last into it: each of them whole, in one piece.</summary>
    /// <param name="epochs">Between which boundaries the speed layer's epochs lie.</param>
    /// <param name="generations">Of which generations; null for one that has nothing.</param>
    /// <param name="pieces">The time, in rising pieces without gaps.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    public async IAsyncEnumerable<StoredPart> ReadAsync(
        (Boundary From, Boundary To) epochs,
        IReadOnlyList<long?> generations,
        IReadOnlyList<TimeWindow> pieces,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        SessionSweep sweep = new(view, StoredPart.SourcesOf(generations.Count));
        foreach (TimeWindow piece in pieces)
        {
            // Of sessions that began before all pieces, what lasts into the first one tells that they did.
            bool isFirst = piece == pieces[0];
            TimeWindow starts = isFirst ? piece with { Start = long.MinValue } : piece;
            WindowRange range = new(isFirst ? Math.Max(piece.Start, long.MinValue + 1) - 1 : piece.Start, piece.End);
            sweep.Add(0, await stored.ReadSpeedAsync(epochs.From, epochs.To, range, cancellationToken).ConfigureAwait(false), starts);
            for (int place = 0; place < generations.Count; place++)
            {
                foreach ((PartialKind kind, PartialBatch partials) in await stored.ReadGenerationAsync(generations[place], range, cancellationToken).ConfigureAwait(false))
                {
                    sweep.Add(StoredPart.SourceOf(place, kind), partials, starts);
                }
            }

            yield return StoredPart.Of(sweep.Take(piece.End));
        }
    }
}
