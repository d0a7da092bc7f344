namespace Lambda.Views;

/// <summary>The result of a view for one key and window.</summary>
/// <param name="Key">The group key.</param>
/// <param name="Start">Where the window begins, in UTC microseconds.</param>
/// <param name="End">Where it ends, exclusive, in UTC microseconds.</param>
/// <param name="EventCount">How many events went into it.</param>
/// <param name="Results">One result per aggregate of the view, in the order of the definition.</param>
internal sealed record WindowRow(GroupKey Key, long Start, long End, long EventCount, IReadOnlyList<object?> Results)
{
    /// <summary>What identifies the row within its view.</summary>
    public (GroupKey Key, long Start) Address => (Key, Start);
}
