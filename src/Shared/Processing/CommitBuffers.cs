using Lambda.Views.Operators;
using Lambda.Views.Partials;

namespace Lambda.Processing;

/// <summary>
/// What holds the partials of a partition's commits. A commit that takes long is followed by a large one, whose columns would each be garbage that the collector
/// looks at only with everything else; so the next commit gets those of the one before.
/// </summary>
internal sealed class CommitBuffers(IReadOnlyList<ViewOperator> views)
{
    /// <summary>Buffers that have held more are not kept: such commits come after a long outage.</summary>
    private const int MostKept = 131_072;

    private readonly PartialBatch?[] _batches = new PartialBatch?[views.Count];

    /// <summary>The partials that were touched since the last call, by view. With the next call they are gone.</summary>
    public IReadOnlyList<PartialBatch> Take()
    {
        List<PartialBatch> touched = new(views.Count);
        Clear();
        for (int view = 0; view < views.Count; view++)
        {
            PartialBatch batch = _batches[view] ??= new PartialBatch(views[view].View.Layout);
            views[view].Table.ExportTouched(batch);
            if (batch.Count > 0)
            {
                touched.Add(batch);
            }
        }

        return touched;
    }

    /// <summary>Empties what the last call gave, also for when nothing follows soon: sketches may be large.</summary>
    public void Clear()
    {
        for (int view = 0; view < _batches.Length; view++)
        {
            if (_batches[view]?.Count > MostKept)
            {
                _batches[view] = null;
            }

            _batches[view]?.Clear();
        }
    }
}
