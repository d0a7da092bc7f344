namespace Lambda.Store.Relational;

/// <summary>How stores find stored intervals near new ones of the same key.</summary>
internal static class IntervalJoin
{
    /// <summary>
    /// How many new intervals of one key are many: so many that each stored one is held against one of them, which is sorted out before, and not against each. That takes some
    /// milliseconds more, and two to four times as long where keys have few.
    /// </summary>
    public const int ManyOfKey = 64;
}
