namespace Lambda.Store.Relational;

/// <summary>What may not expire because generations are kept that can be gone back to.</summary>
internal static class KeptGenerations
{
    /// <summary>
    /// What all of them cover. A run goes on from the generation that was gone back to, so that one of them may reach less far than those before it, and what lies
    /// behind it was superseded by these before.
    /// </summary>
    /// <param name="kept">By generation that was served and is kept, its boundary, and when it was published.</param>
    /// <param name="instant">An instant in UTC microseconds.</param>
    /// <returns>Null when none of them was published before the instant.</returns>
    public static Boundary? CoveredByAll(IReadOnlyCollection<(string Boundary, long PublishedAt)> kept, long instant)
    {
        if (!kept.Any(generation => generation.PublishedAt < instant))
        {
            return null;
        }

        Boundary[] boundaries = [.. kept.Select(generation => StoredJson.ReadBoundary(generation.Boundary))];
        return new Boundary(Enumerable.Range(0, boundaries[0].Partitions).Select(partition => boundaries.Min(boundary => boundary[partition])));
    }
}
