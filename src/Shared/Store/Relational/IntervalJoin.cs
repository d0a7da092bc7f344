namespace Lambda.Store.Relational;

/// <summary>
/// How stores look for intervals of a key that lie near given ones. A join by the key and two inequalities compares each with all that are given of its key: a thousand
/// sessions of one key against a hundred thousand take seconds. Where many are given, each is held against one instead: of the given ones that begin no later than it ends, the one that
/// begins last, with the latest end of all up to there. It lies near one of them just when it begins no later than that end.
/// </summary>
internal static class IntervalJoin
{
    /// <summary>How many given of one key are many. For fewer the product is less than what it takes to put the given ones in order.</summary>
    public const int ManyOfKey = 64;
}
