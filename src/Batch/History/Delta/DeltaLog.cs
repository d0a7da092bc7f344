using Lambda.Batch.History.Storage;

namespace Lambda.Batch.History.Delta;

/// <summary>The commits of one Delta table: reads snapshots, and commits by creating the next file unless someone else has.</summary>
/// <param name="storage">Where the table lies.</param>
/// <param name="table">The table's folder in it.</param>
/// <param name="time">Stamps commits.</param>
internal sealed class DeltaLog(IObjectStorage storage, string table, TimeProvider time)
{
    /// <summary>The table, as messages name it.</summary>
    public string Name { get; } = storage.Describe(table);

    /// <summary>The newest snapshot; null when there is no table yet.</summary>
    public async Task<DeltaSnapshot?> FindLatestAsync(CancellationToken cancellationToken)
    {
        LogListing listing = await LogListing.ReadAsync(storage, table, cancellationToken).ConfigureAwait(false);
        return listing.Latest is { } latest ? await ReadAsync(listing, latest, cancellationToken).ConfigureAwait(false) : null;
    }

    /// <summary>The table as it was after a commit.</summary>
    /// <exception cref="HistoryException">There is no such version, or a part of the log is missing, damaged or not supported.</exception>
    public async Task<DeltaSnapshot> ReadAsync(long version, CancellationToken cancellationToken)
    {
        LogListing listing = await LogListing.ReadAsync(storage, table, cancellationToken).ConfigureAwait(false);
        return listing.Latest >= version && version >= 0
            ? await ReadAsync(listing, version, cancellationToken).ConfigureAwait(false)
            : throw new HistoryException(
                $"The Delta table '{Name}' has no version {version}; its newest is {listing.Latest?.ToString() ?? "none"}.");
    }

    /// <summary>The newest snapshot, by reading only the commits after one that is known.</summary>
    public async Task<DeltaSnapshot> RefreshAsync(DeltaSnapshot known, CancellationToken cancellationToken)
    {
        DeltaSnapshot snapshot = known;
        while (await storage.ReadAsync(CommitName(snapshot.Version + 1), cancellationToken).ConfigureAwait(false) is { } content)
        {
            long version = snapshot.Version + 1;
            snapshot = snapshot.With(version, DeltaCommit.Read(content, storage.Describe(CommitName(version))));
        }

        return snapshot;
    }

    /// <summary>Commits a new table.</summary>
    /// <returns>Its snapshot; null when someone else has created the table.</returns>
    public async Task<DeltaSnapshot?> TryCreateAsync(DeltaMetadata metadata, CancellationToken cancellationToken)
    {
        DeltaAction[] actions = [DeltaProtocol.Plain, metadata];
        if (!await TryWriteAsync(0, actions, "CREATE TABLE", cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        DeltaSnapshot.Builder builder = new(Name);
        builder.Apply(actions);
        return builder.Build(0);
    }

    /// <summary>Commits actions as the version after a snapshot.</summary>
    /// <returns>The table with them; null when that version exists already: refresh, decide again, and try again.</returns>
    /// <exception cref="HistoryException">The table asks more of a writer than is supported.</exception>
    public async Task<DeltaSnapshot?> TryCommitAsync(
        DeltaSnapshot onto, IReadOnlyList<DeltaAction> actions, string operation, CancellationToken cancellationToken)
    {
        ProtocolSupport.EnsureWritable(onto);
        long version = onto.Version + 1;
        return await TryWriteAsync(version, actions, operation, cancellationToken).ConfigureAwait(false) ? onto.With(version, actions) : null;
    }

    private Task<bool> TryWriteAsync(long version, IReadOnlyList<DeltaAction> actions, string operation, CancellationToken cancellationToken) =>
        storage.PutIfAbsentAsync(
            CommitName(version), DeltaCommit.Write(actions, operation, time.GetUtcNow().ToUnixTimeMilliseconds()), cancellationToken);

    private async Task<DeltaSnapshot> ReadAsync(LogListing listing, long version, CancellationToken cancellationToken)
    {
        DeltaSnapshot.Builder builder = new(Name);
        long next = 0;
        if (listing.CheckpointFor(version) is { } checkpoint)
        {
            foreach (string name in checkpoint.Names)
            {
                builder.Apply(await ReadCheckpointAsync(name, cancellationToken).ConfigureAwait(false));
            }

            next = checkpoint.Version + 1;
        }
        else if (listing.HasNewCheckpointFor(version) && !listing.Commits.Contains(0))
        {
            throw new HistoryException(
                $"The Delta table '{Name}' needs a reader with: v2Checkpoint. That is not supported. Rewrite the table without it.");
        }

        for (; next <= version; next++)
        {
            string name = CommitName(next);
            byte[] content = await storage.ReadAsync(name, cancellationToken).ConfigureAwait(false)
                ?? throw new HistoryException(
                    $"The Delta table '{Name}' lacks commit {next} ('{storage.Describe(name)}'), so version {version} cannot be built. "
                    + "Restore the file from a copy, or read a newer version.");
            builder.Apply(DeltaCommit.Read(content, storage.Describe(name)));
        }

        return builder.Build(version);
    }

    private async Task<IReadOnlyList<DeltaAction>> ReadCheckpointAsync(string name, CancellationToken cancellationToken)
    {
        string full = $"{table}/{DeltaPaths.LogFolder}/{name}";
        byte[] content = await storage.ReadAsync(full, cancellationToken).ConfigureAwait(false)
            ?? throw new HistoryException($"The checkpoint '{storage.Describe(full)}' went away while it was being read. Try again.");
        return DeltaCheckpoint.Read(content, storage.Describe(full));
    }

    private string CommitName(long version) => $"{table}/{DeltaPaths.Commit(version)}";
}
