using Lambda.Serving.Requests;
using Lambda.Store;
using Lambda.Views.Composing;
using Lambda.Views.Keys;
using Lambda.Windows;

namespace Lambda.Serving.Queries;

/// <summary>Which windows publications have changed, and which was the last to do so.</summary>
internal sealed class CorrectionIndex
{
    private static readonly GroupKey AllKeys = new([]);

    /// <summary>Whether windows grow with their events, so that the one that was corrected need not begin where the present one does.</summary>
    private readonly bool _isGrowing;
    private readonly Dictionary<WindowAddress, long> _generations = [];
    private readonly Dictionary<GroupKey, List<(TimeWindow Window, long Generation)>> _growing = [];

    /// <param name="request">The query.</param>
    /// <param name="corrections">Corrections of the view.</param>
    /// <param name="generation">The generation the answer is made of; later ones were published after it was read.</param>
    public CorrectionIndex(ViewRequest request, IEnumerable<PublishedCorrection> corrections, long? generation)
    {
        _isGrowing = request.View.Layout.HasLiveSessions;
        foreach (PublishedCorrection published in corrections.Where(published => published.Generation <= generation))
        {
            GroupKey key = KeyText.Parse(request.View, published.Correction.Key);
            if (request.Selects(key))
            {
                Add(request.Grouping == RowGrouping.Window ? AllKeys : key, published);
            }
        }
    }

    /// <summary>The newest generation that changed a row; null when none did.</summary>
    public long? Find(WindowRow row)
    {
        if (!_isGrowing)
        {
            return _generations.TryGetValue(row.Address, out long generation) ? generation : null;
        }

        return _growing.GetValueOrDefault(row.Key, [])
            .Where(corrected => corrected.Window.Overlaps(new TimeWindow(row.Start, row.End)))
            .Max(corrected => (long?)corrected.Generation);
    }

    private void Add(GroupKey key, PublishedCorrection published)
    {
        Correction correction = published.Correction;
        if (_isGrowing)
        {
            _growing.TryAdd(key, []);
            _growing[key].Add((new TimeWindow(correction.WindowStart, correction.WindowEnd), published.Generation));
        }
        else
        {
            WindowAddress address = new(key, correction.WindowStart, correction.First);
            _generations[address] = Math.Max(published.Generation, _generations.GetValueOrDefault(address));
        }
    }
}
