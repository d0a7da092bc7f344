namespace Lambda.Store.Relational;

/// <summary>What the boundary of a generation must satisfy.</summary>
internal static class BoundaryRules
{
    /// <summary>
    /// Requires that the boundary is one of the stream, does not go back, and cuts no epoch. An open epoch may begin below it when it has not
    /// come as far: its owner must seal it there, which every commit checks.
    /// </summary>
    /// <param name="stream">The stream.</param>
    /// <param name="boundary">The boundary.</param>
    /// <param name="partitions">How many partitions the stream has.</param>
    /// <param name="epochs">Its epochs.</param>
    /// <param name="current">Its current generation; null before the first publication.</param>
    /// <exception cref="ViewStoreException">It does not.</exception>
    public static void Check(string stream, Boundary boundary, int partitions, IReadOnlyList<EpochInfo> epochs, GenerationInfo? current)
    {
        if (partitions != boundary.Partitions)
        {
            throw new ViewStoreException(
                $"A boundary of {boundary.Partitions} partitions was given for stream '{stream}', which has {partitions}.");
        }

        if (current is not null && !boundary.Covers(current.Boundary))
        {
            throw new ViewStoreException(
                $"Boundary {boundary} of stream '{stream}' lies before {current.Boundary}, which the current generation "
                + $"{current.Generation} covers. Speed partials below it may have expired; compute from a newer version of the history.");
        }

        foreach (EpochInfo epoch in epochs)
        {
            long offset = boundary[epoch.Partition];
            bool endsBehind = epoch.State == EpochState.Open ? offset <= epoch.Offsets.End : offset < epoch.Offsets.End;
            if (epoch.Offsets.Start < offset && endsBehind && !epoch.Offsets.IsEmpty)
            {
                throw new ViewStoreException(
                    $"Offset {offset} of partition {epoch.Partition} of stream '{stream}' cannot be a boundary: epoch {epoch.Epoch} lies on both "
                    + "sides or is still open. Take the end of a sealed epoch.");
            }
        }
    }
}
