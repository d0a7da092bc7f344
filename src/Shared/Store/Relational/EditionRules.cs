using Lambda.Views;

namespace Lambda.Store.Relational;

/// <summary>What may be done with editions.</summary>
internal static class EditionRules
{
    /// <summary>Requires that there is a number left for another edition.</summary>
    /// <exception cref="ViewStoreException">There is none.</exception>
    public static int RequireNumber(string stream, int edition) => edition <= EditionLane.MaxEdition
        ? edition
        : throw new ViewStoreException($"Stream '{stream}' has been replayed {EditionLane.MaxEdition} times, and there are no more numbers. Use another store.");

    /// <summary>Says that the store does not know a stream.</summary>
    public static ViewStoreException UnknownStream(string stream) =>
        new($"The store does not know stream '{stream}', so there is nothing to replay. Let a process that runs a layer begin first.");

    /// <summary>Says that a stream has no edition of a number.</summary>
    public static ViewStoreException Unknown(string stream, int edition) => new(
        $"Stream '{stream}' has no replay {edition}: it was dropped, or there never was one. Take one that is listed.");

    /// <summary>Requires that a stream has no replay that has not answered yet.</summary>
    /// <exception cref="ViewStoreException">It has one.</exception>
    public static void RequireNoReplay(IReadOnlyList<EditionInfo> editions, string stream)
    {
        if (editions.FirstOrDefault(edition => edition.State == EditionState.Replaying) is { } other)
        {
            throw new ViewStoreException(
                $"Replay {other.Edition} of stream '{stream}' is there already, and has not been promoted. Promote or drop it before another is begun.");
        }
    }

    /// <summary>Requires that an edition does not answer.</summary>
    /// <exception cref="ViewStoreException">It does, or is not known.</exception>
    public static EditionInfo RequireBeside(IReadOnlyList<EditionInfo> editions, string stream, int edition, string doing)
    {
        EditionInfo found = editions.FirstOrDefault(known => known.Edition == edition) ?? throw Unknown(stream, edition);
        return found.State != EditionState.Live
            ? found
            : throw new ViewStoreException($"Edition {edition} of stream '{stream}' is the one that answers, so it cannot be {doing}.");
    }

    /// <summary>Requires that an edition can answer in place of the one that does.</summary>
    /// <param name="found">The edition.</param>
    /// <param name="views">What is declared.</param>
    /// <param name="epochs">The epochs of the edition.</param>
    /// <param name="current">The generation that is served; null before the first publication.</param>
    /// <exception cref="IncompleteEditionException">It lacks offsets.</exception>
    /// <exception cref="ViewStoreException">It cannot.</exception>
    public static void RequirePromotable(
        EditionInfo found, IReadOnlyList<PartialLayout> views, IReadOnlyList<EpochInfo> epochs, GenerationInfo? current)
    {
        string what = $"Replay {found.Edition} of stream '{found.Stream}'";
        foreach (PartialLayout view in views)
        {
            string? computed = found.Views.GetValueOrDefault(view.View);
            if (computed != view.Version)
            {
                throw new ViewStoreException(
                    $"{what} computes {(computed is null ? "no" : "another")} version of view '{view.View}' than is declared, which is {view.Version}: the definition "
                    + "was changed since. Drop it, and begin another replay.");
            }
        }

        if (found.Partitions.FirstOrDefault(partition => partition.NextOffset < partition.End) is { } behind)
        {
            throw new IncompleteEditionException(
                $"{what} is not complete: partition {behind.Partition} is at offset {behind.NextOffset} of {behind.End}. Wait until it has come as far as "
                + "what answers now, and try again.");
        }

        if (current is null)
        {
            return;
        }

        foreach (EpochInfo epoch in epochs)
        {
            long offset = current.Boundary[epoch.Partition];
            bool endsBehind = epoch.State == EpochState.Open ? offset <= epoch.Offsets.End : offset < epoch.Offsets.End;
            if (epoch.Offsets.Start < offset && endsBehind && !epoch.Offsets.IsEmpty)
            {
                throw new IncompleteEditionException(
                    $"{what} has not ended an epoch at offset {offset} of partition {epoch.Partition} yet, where the batch results end that are served. Try again.");
            }
        }
    }
}
