using Lambda.Views.Closing;
using Lambda.Windows;

namespace Lambda.Batch.Compute;

/// <summary>
/// Which windows a worker gives: those that no row group which it has still to read can have events of, unless row groups of other workers can. These
/// stay open to the end, when the partials of all workers are put together.
/// </summary>
/// <param name="foreign">The times of the row groups of the other workers.</param>
internal sealed class RunClosing(TimeRegions foreign) : IClosing
{
    private long _givenBefore = long.MinValue;
    private long _settledBefore = long.MinValue;

    /// <summary>Says that all rows to come are at or after an instant.</summary>
    public void Advance(long settledBefore)
    {
        _givenBefore = _settledBefore;
        _settledBefore = settledBefore;
    }

    public WindowProgress Of(TimeWindow reach)
    {
        if (reach.End > _settledBefore || foreign.Overlap(reach))
        {
            return WindowProgress.Open;
        }

        return reach.End <= _givenBefore ? WindowProgress.Given : WindowProgress.Due;
    }
}

/// <summary>Which windows are given when the partials that workers have left are put together: those that more than one of them could have events of.</summary>
/// <param name="runs">Per worker the times of its row groups.</param>
internal sealed class SeamClosing(IReadOnlyList<TimeRegions> runs) : IClosing
{
    public WindowProgress Of(TimeWindow reach) =>
        runs.Count(run => run.Overlap(reach)) > 1 ? WindowProgress.Due : WindowProgress.Given;
}
