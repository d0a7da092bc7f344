using Lambda.Views.Closing;
using Lambda.Views.Partials;
using Lambda.Views.Tables;

namespace Lambda.Batch.Compute;

/// <summary>One view over a run of row groups: gives windows as they are settled.</summary>
internal sealed class ViewRun(PartialTable partials, TimeRegions foreign, IWindowSink sink)
{
    private const int FewPartials = 256;

    private readonly RunClosing _closing = new(foreign);
    private int _left;

    /// <summary>Gives windows that no row before <paramref name="settledBefore"/> can follow for.</summary>
    /// <remarks>Only when partials have doubled, so that partials which must stay are not gone through again and again.</remarks>
    public void Settle(long settledBefore)
    {
        if (partials.Count < FewPartials + (2 * _left) && settledBefore != long.MaxValue)
        {
            return;
        }

        _closing.Advance(settledBefore);
        partials.Close(_closing, sink);
        _left = partials.Count;
    }

    /// <summary>The partials that windows shared with other runs need.</summary>
    public void Leave(PartialBatch destination) => partials.ExportAll(destination);
}
