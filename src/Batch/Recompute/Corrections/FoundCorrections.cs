using Lambda.Store;
using Lambda.Views.Composing;

namespace Lambda.Batch.Recompute.Corrections;

/// <summary>
/// Takes the corrections of a run as they are found. A new check may change every window there is, so only the first ones stay in memory, to be published with the generation, and those without a reason that the
/// audit looks at; the others are written to the generation meanwhile. Safe for use by several threads at once.
/// </summary>
/// <param name="most">How many stay in memory, of the ones and of the others.</param>
/// <param name="writeOthers">Takes those that do not stay, as many at a time.</param>
internal sealed class FoundCorrections(int most, Func<IReadOnlyList<Correction>, CancellationToken, ValueTask> writeOthers) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly List<Found> _first = [];
    private readonly List<Found> _unexplained = [];
    private readonly HashSet<UnexplainedDays> _otherDays = [];
    private List<Correction> _others = [];
    private int _count;
    private int _unexplainedCount;

    /// <summary>Adds corrections of a view.</summary>
    /// <param name="place">The place of the view in its stream.</param>
    /// <param name="changes">The corrections and their windows.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask AddAsync(int place, IReadOnlyList<(WindowAddress Window, Correction Correction)> changes, CancellationToken cancellationToken)
    {
        if (changes.Count == 0)
        {
            return;
        }

        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            foreach ((WindowAddress window, Correction correction) in changes)
            {
                await AddAsync(new Found(place, window, correction), cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>All of them, when there are no more.</summary>
    public async ValueTask<RunChanges> CompleteAsync(CancellationToken cancellationToken)
    {
        await WriteOthersAsync(cancellationToken).ConfigureAwait(false);
        return new RunChanges(_count, InOrder(_first), _unexplainedCount, InOrder(_unexplained), _otherDays);
    }

    public void Dispose() => _turn.Dispose();

    private async ValueTask AddAsync(Found found, CancellationToken cancellationToken)
    {
        _count = checked(_count + 1);
        if (found.Correction.Reasons.Unexplained != 0)
        {
            AddUnexplained(found);
        }

        if (_first.Count < most)
        {
            _first.Add(found);
            return;
        }

        _others.Add(found.Correction);
        if (_others.Count >= most)
        {
            await WriteOthersAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private void AddUnexplained(Found found)
    {
        _unexplainedCount++;
        if (_unexplained.Count < most)
        {
            _unexplained.Add(found);
        }
        else
        {
            _otherDays.Add(UnexplainedDays.Of(found.Correction));
        }
    }

    private async ValueTask WriteOthersAsync(CancellationToken cancellationToken)
    {
        if (_others.Count > 0)
        {
            List<Correction> others = _others;
            _others = [];
            await writeOthers(others, cancellationToken).ConfigureAwait(false);
        }
    }

    private static IReadOnlyList<Correction> InOrder(List<Found> found) =>
        [.. found.OrderBy(each => each.Place).ThenBy(each => each.Window).Select(each => each.Correction)];

    private readonly record struct Found(int Place, WindowAddress Window, Correction Correction);
}
