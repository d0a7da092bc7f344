using Lambda.Views.Partials;
using Lambda.Views.Tables;
using Lambda.Windows;

namespace Lambda.Batch.Recompute.Settling;

/// <summary>Takes partials that end before an instant, into batches of some size.</summary>
/// <param name="before">The instant.</param>
/// <param name="rent">Gives batches.</param>
/// <param name="rowsAtOnce">How many partials go into one.</param>
internal sealed class SettledBatches(long before, Func<PartialBatch> rent, int rowsAtOnce) : IPartialRelease
{
    private readonly List<PartialBatch> _batches = [];

    /// <summary>What was taken.</summary>
    public IReadOnlyList<PartialBatch> Batches => _batches;

    public PartialBatch? DestinationOf(TimeWindow reach)
    {
        if (reach.End > before)
        {
            return null;
        }

        if (_batches.Count == 0 || _batches[^1].Count >= rowsAtOnce)
        {
            _batches.Add(rent());
        }

        return _batches[^1];
    }
}
