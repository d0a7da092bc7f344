using Lambda.Store;
using Lambda.Views;

namespace Lambda.Serving.Queries;

/// <summary>Which windows publications have changed, and which was the last to do so.</summary>
internal sealed class CorrectionIndex
{
    private static readonly GroupKey AllKeys = new([]);

    private readonly Dictionary<(GroupKey Key, long Start), long> _generations = [];

    /// <param name="request">The query.</param>
    /// <param name="corrections">Corrections of the view.</param>
    /// <param name="generation">The generation the answer is made of; later ones were published after it was read.</param>
    public CorrectionIndex(ViewRequest request, IEnumerable<PublishedCorrection> corrections, long? generation)
    {
        foreach (PublishedCorrection published in corrections.Where(published => published.Generation <= generation))
        {
            GroupKey key = KeyText.Parse(request.View, published.Correction.Key);
            if (request.Selects(key))
            {
                (GroupKey, long) address = (request.Grouping == RowGrouping.Window ? AllKeys : key, published.Correction.WindowStart);
                _generations[address] = Math.Max(published.Generation, _generations.GetValueOrDefault(address));
            }
        }
    }

    /// <summary>The newest generation that changed a row; null when none did.</summary>
    public long? Find(WindowRow row) => _generations.TryGetValue((row.Key, row.Start), out long generation) ? generation : null;
}
