using Lambda.Batch.Recompute.Contents;
using Lambda.Batch.Recompute.Sessions;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Comparing;
using Lambda.Views.Composing;
using Lambda.Views.Partials;
using Lambda.Windows;

namespace Lambda.Batch.Recompute.Corrections;

/// <summary>Finds what changes in sessions: those are composed that are not the same before and after.</summary>
/// <param name="view">The view.</param>
/// <param name="stored">Reads its partials.</param>
internal sealed class SessionCorrections(ViewDefinition view, StoredWindows stored)
{
    /// <summary>Finds all changes, piece by piece of time; one of a session that lasts comes with a later piece than it begins in.</summary>
    public async Task FindAsync(
        IReadOnlyList<TimeWindow> pieces, ServedBefore served, GenerationDraft draft, Boundary boundary, ViewCorrections found, CancellationToken cancellationToken)
    {
        // No piece of time can be left out by itself: a session that began in it may have gained or lost an event that lies behind.
        if (served.From.Covers(boundary) && served.HasSame(draft, view, TimeWindow.All))
        {
            return;
        }

        IAsyncEnumerable<StoredPart> read = new StoredSessions(stored, view).ReadAsync(
            (served.From, boundary),
            [served.Generation?.Generation, draft.Number],
            pieces,
            cancellationToken);
        await foreach (StoredPart piece in read.ConfigureAwait(false))
        {
            await found.AddAsync(Compare(piece.Generations[0], piece.Speed, piece.Generations[1]), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The changes in sessions that new partials are part of.</summary>
    public async Task<IReadOnlyList<(WindowAddress Window, Correction Correction)>> FindAroundAsync(
        long before, long after, PartialBatch speed, PartialBatch added, CancellationToken cancellationToken)
    {
        (var sessionsBefore, var sessionsAfter) = await new ConnectedSessions(stored, view).ReadAsync(before, after, added, cancellationToken).ConfigureAwait(false);
        return Compare(sessionsBefore, speed, sessionsAfter);
    }

    /// <summary>Composes only sessions that are not the same before and after.</summary>
    private List<(WindowAddress Window, Correction Correction)> Compare(
        IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> before,
        PartialBatch speed,
        IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> after)
    {
        SessionComparison comparison = new(view);
        comparison.Add(ComparedSide.One, speed);
        before.AddTo(comparison.Add, ComparedSide.One);
        after.AddTo(comparison.Add, ComparedSide.Other);

        PartialIntervals changed = comparison.FindDifferent();
        return changed.IsEmpty ? [] : WindowChanges.Find(view, before.Among(changed.Among), changed.Among(speed), after.Among(changed.Among), _ => true);
    }
}
