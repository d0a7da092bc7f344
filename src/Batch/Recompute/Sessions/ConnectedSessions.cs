using Lambda.Events;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Comparing;
using Lambda.Views.Keys;
using Lambda.Views.Partials;

namespace Lambda.Batch.Recompute.Sessions;

/// <summary>
/// Reads the sessions of two generations that new ones may have changed. A session is all that is connected by intervals that overlap or touch, of whichever kind, so each
/// partial that is found may lead to others: what is read follows these, and not how long a key has been there.
/// </summary>
/// <param name="stored">Reads partials of the view.</param>
/// <param name="view">A view of sessions.</param>
internal sealed class ConnectedSessions(StoredWindows stored, ViewDefinition view)
{
    /// <summary>After so many steps all of the keys is read at once: a chain that is as long has no end worth waiting for.</summary>
    private const int MostSteps = 12;

    /// <summary>
    /// What both have of the sessions that any of some partials is part of, in the order of <see cref="AsReadPartials.Order"/>: all of these are whole.
    /// </summary>
    /// <param name="before">The one generation.</param>
    /// <param name="after">The other one.</param>
    /// <param name="around">The partials.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<(IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> Before, IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> After)>
        ReadAsync(long before, long after, PartialBatch around, CancellationToken cancellationToken)
    {
        PartialIntervals reached = new(view);
        FoundSessions ofBefore = new(view);
        FoundSessions ofAfter = new(view);
        PartialBatch next = reached.AddBeyond(around);
        for (int step = 0; step < MostSteps; step++)
        {
            PartialBatch beyond = new(view.Layout);
            foreach ((long generation, FoundSessions found) in ((long, FoundSessions)[])[(before, ofBefore), (after, ofAfter)])
            {
                foreach ((PartialKind kind, PartialBatch partials) in await stored.ReadGenerationAroundAsync(generation, next, Nearness.Within(0), cancellationToken).ConfigureAwait(false))
                {
                    found.Add(kind, partials);
                    beyond.With(reached.AddBeyond(partials));
                }
            }

            if (beyond.Count == 0)
            {
                return (ofBefore.All, ofAfter.All);
            }

            next = beyond;
        }

        return (
            await stored.ReadGenerationAroundAsync(before, around, Nearness.OfKey, cancellationToken).ConfigureAwait(false),
            await stored.ReadGenerationAroundAsync(after, around, Nearness.OfKey, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>What was found of one generation, each partial once, whatever it was found around.</summary>
    private sealed class FoundSessions(ViewDefinition view)
    {
        private readonly GroupKeyTable _keys = new(view.Keys, new StringDictionary());
        private readonly HashSet<(PartialKind Kind, int Key, long Start, long End)> _known = [];
        private readonly Dictionary<PartialKind, PartialBatch> _found = AsReadPartials.Order.ToDictionary(kind => kind, _ => new PartialBatch(view.Layout));

        public IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> All => [.. AsReadPartials.Order.Select(kind => (kind, _found[kind]))];

        public void Add(PartialKind kind, PartialBatch partials)
        {
            for (int row = 0; row < partials.Count; row++)
            {
                if (_known.Add((kind, _keys.FindOrAdd(partials, row), partials.Starts[row], partials.Ends[row])))
                {
                    _found[kind].AddFrom(partials, row);
                }
            }
        }
    }
}
