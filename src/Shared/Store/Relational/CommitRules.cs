namespace Lambda.Store.Relational;

/// <summary>What a commit must satisfy before it changes anything.</summary>
internal static class CommitRules
{
    /// <summary>Checks a commit against the partition as it is.</summary>
    /// <exception cref="EditionChangedException">Another edition answers.</exception>
    /// <exception cref="FencedException">Another owner has claimed the partition.</exception>
    /// <exception cref="ViewStoreException">The commit contradicts what the store holds.</exception>
    public static void Check(SpeedCommit commit, PartitionRow row)
    {
        string where = $"partition {commit.Partition} of stream '{commit.Stream}'";
        if (commit.Edition != row.Edition)
        {
            throw new EditionChangedException(
                $"A commit to {where} is of edition {commit.Edition}, but edition {row.Edition} answers now. Nothing was written; claim the partition again.");
        }

        if (commit.Fence != row.Fence)
        {
            throw new FencedException(
                $"A commit to {where} carries fence {commit.Fence}, but the partition was claimed with fence {row.Fence}. Nothing was "
                + "written; stop working on the partition.");
        }

        if (commit.Epoch != row.Epoch)
        {
            throw new ViewStoreException($"A commit to {where} is for epoch {commit.Epoch}, but epoch {row.Epoch} is open.");
        }

        if (commit.NextOffset < row.NextOffset)
        {
            throw new ViewStoreException(
                $"A commit to {where} goes back to offset {commit.NextOffset}; {row.NextOffset} is committed already.");
        }

        if (commit.FollowsOn is { } before && before != row.NextOffset)
        {
            throw new ViewStoreException(
                $"A commit to {where} follows on offset {before}, but {row.NextOffset} is what is committed: the store has lost commits that it had acknowledged, as by a "
                + "failover to a standby that was behind. Nothing was written; claim the partition again, and compute from there.");
        }

        if (commit.NextOffset == row.EpochStart && commit.Partials.Any(partials => partials.Count > 0))
        {
            throw new ViewStoreException(
                $"A commit to {where} has partials, but epoch {row.Epoch} holds no offset yet: it begins at {row.EpochStart}.");
        }

        CheckBoundary(commit, row, where);
    }

    /// <summary>An epoch must lie on one side of the boundary: across it, a merged answer would count twice or miss.</summary>
    private static void CheckBoundary(SpeedCommit commit, PartitionRow row, string where)
    {
        if (row.Boundary is null)
        {
            return;
        }

        long boundary = StoredJson.ReadBoundary(row.Boundary)[commit.Partition];
        bool staysBelow = commit.NextOffset < boundary || (commit.NextOffset == boundary && commit.EpochEnd == EpochEnd.Seal);
        if (row.EpochStart < boundary && !staysBelow)
        {
            throw new ViewStoreException(
                $"Epoch {row.Epoch} of {where} would reach across offset {boundary}, where the batch results end. Seal it there.");
        }
    }
}
