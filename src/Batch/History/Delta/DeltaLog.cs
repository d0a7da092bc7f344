using Lambda.Batch.History.Storage;

namespace Lambda.Batch.History.Delta;

/// <summary>The commits of one Delta table: reads snapshots, and commits by creating the next file unless someone else has.</summary>
/// <param name="storage">Where the table lies.</param>
/// <param name="table">The table's folder in it.</param>
/// <param name="time">Stamps commits.</param>
/// <param name="features">What tables may ask of a reader; null for nothing, as the history itself does.</param>
internal sealed class DeltaLog(IObjectStorage storage, string table, TimeProvider time, IReadOnlyCollection<string>? features = null)
{
    /// <summary>How many commits there are at most, by this writer, behind the newest checkpoint.</summary>
    public const int CheckpointInterval = 10;

    /// <summary>
    /// For how long the commit after a known one is looked for by its name alone. Well below the least age of commits that are cleaned up
    /// (<see cref="MinRetention"/>): where a commit has been cleaned up, its missing file would look like the end of the log.
    /// </summary>
    private static readonly TimeSpan MaxKnownAge = TimeSpan.FromMinutes(20);

    /// <summary>The least age of what may be cleaned up or vacuumed.</summary>
    public static readonly TimeSpan MinRetention = TimeSpan.FromHours(1);

    private readonly IReadOnlyCollection<string> _features = features ?? [];

    /// <summary>The newest version that was seen to be the last one, and when. The version never falls.</summary>
    private (long Version, DateTimeOffset At) _end = (-1, DateTimeOffset.MinValue);

    /// <summary>The newest checkpoint that was seen; 0 when there is none yet.</summary>
    private long _checkpoint;

    /// <summary>The table, as messages name it.</summary>
    public string Name { get; } = storage.Describe(table);

    /// <summary>The newest snapshot; null when there is no table yet.</summary>
    public async Task<DeltaSnapshot?> FindLatestAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset asked = time.GetUtcNow();
        LogListing listing = await LogListing.ReadAsync(storage, table, cancellationToken).ConfigureAwait(false);
        DeltaSnapshot? snapshot = listing.Latest is { } latest
            ? await ReadAsync(listing, latest, cancellationToken).ConfigureAwait(false)
            : await FindFirstAsync(cancellationToken).ConfigureAwait(false);
        if (snapshot is null)
        {
            return null;
        }

        // Names are known at once, while listings of some storages are behind: what was deleted or pinned by an older version would be decided wrongly.
        snapshot = await ReadOnAsync(snapshot, cancellationToken).ConfigureAwait(false);
        _end = (snapshot.Version, asked);
        _checkpoint = Math.Max(_checkpoint, listing.WholeCheckpoints().LastOrDefault());
        return snapshot;
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

    /// <summary>The table as it was at some point of its past.</summary>
    /// <exception cref="HistoryException">There is no such version, or a part of the log is missing, damaged or not supported.</exception>
    public async Task<DeltaSnapshot> ReadAsync(HistoryPoint point, CancellationToken cancellationToken) => point switch
    {
        HistoryPoint.AtVersion at => await ReadAsync(at.Number, cancellationToken).ConfigureAwait(false),
        HistoryPoint.AtTime at => await ReadAsync(
            await VersionTimes.FindAsync(storage, table, at.Instant, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false),
        _ => await FindLatestAsync(cancellationToken).ConfigureAwait(false) ?? throw new HistoryException($"There is no Delta table '{Name}'."),
    };

    /// <summary>The paths of files that commits have removed which the storage got at an instant or later, as those tell themselves. Reads each of them.</summary>
    public async Task<IReadOnlySet<string>> ReadRemovedSinceAsync(DateTimeOffset instant, CancellationToken cancellationToken)
    {
        LogListing listing = await LogListing.ReadAsync(storage, table, cancellationToken).ConfigureAwait(false);
        HashSet<string> removed = new(StringComparer.Ordinal);
        foreach (string name in listing.Commits.Where(commit => commit.Value >= instant).Select(commit => CommitName(commit.Key)))
        {
            if (await storage.ReadAsync(name, cancellationToken).ConfigureAwait(false) is { } content)
            {
                removed.UnionWith(ReadCommit(content, storage.Describe(name)).OfType<RemoveFile>().Select(file => file.Path));
            }
        }

        return removed;
    }

    /// <summary>The newest snapshot, by reading only the commits after one that is known.</summary>
    public async Task<DeltaSnapshot> RefreshAsync(DeltaSnapshot known, CancellationToken cancellationToken)
    {
        DateTimeOffset asked = time.GetUtcNow();
        if (!IsKnownToBeNew(known.Version))
        {
            return await FindLatestAsync(cancellationToken).ConfigureAwait(false) is { } latest && latest.Version >= known.Version
                ? latest
                : throw new HistoryException(
                    $"The Delta table '{Name}' has lost its versions up to {known.Version}: its folder was deleted or is that of an older copy. Restore it, or "
                    + "restart: the start goes on with an older copy, and says what to do if it is another table, or gone.");
        }

        DeltaSnapshot snapshot = await ReadOnAsync(known, cancellationToken).ConfigureAwait(false);
        _end = (snapshot.Version, asked);
        return snapshot;
    }

    /// <summary>Commits a new table.</summary>
    /// <returns>Its snapshot; null when someone else has created the table.</returns>
    public async Task<DeltaSnapshot?> TryCreateAsync(DeltaMetadata metadata, CancellationToken cancellationToken)
    {
        DeltaAction[] actions = [DeltaProtocol.Plain, metadata];
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (!await TryWriteAsync(0, actions, new CommitInfo(now, "CREATE TABLE"), cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        _end = (0, DateTimeOffset.FromUnixTimeMilliseconds(now));
        DeltaSnapshot.Builder builder = new(Name, _features);
        builder.Apply([new CommitInfo(now, "CREATE TABLE"), .. actions]);
        return builder.Build(0);
    }

    /// <summary>Commits actions as the version after a snapshot; writes a checkpoint when one is due.</summary>
    /// <returns>The table with them; null when that version exists already: refresh, decide again, and try again.</returns>
    /// <exception cref="HistoryException">The table asks more of a writer than is supported.</exception>
    public async Task<DeltaSnapshot?> TryCommitAsync(
        DeltaSnapshot onto, IReadOnlyList<DeltaAction> actions, string operation, CancellationToken cancellationToken)
    {
        ProtocolSupport.EnsureWritable(onto);
        if (!IsKnownToBeNew(onto.Version))
        {
            return null;
        }

        // Times of versions rise whatever the clocks of their writers do, so that a version can be found by time.
        long version = onto.Version + 1;
        long now = Math.Max(time.GetUtcNow().ToUnixTimeMilliseconds(), onto.Timestamp + 1 ?? 0);
        CommitInfo info = new(now, operation);
        if (!await TryWriteAsync(version, actions, info, cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        DeltaSnapshot committed = onto.With(version, [info, .. actions]);
        _end = (version, _end.At);
        if (await IsCheckpointDueAsync(version, cancellationToken).ConfigureAwait(false))
        {
            await CheckpointAsync(committed, cancellationToken).ConfigureAwait(false);
        }

        return committed;
    }

    /// <summary>Writes a checkpoint of a version, from which readers start instead of from the first commit.</summary>
    public async Task CheckpointAsync(DeltaSnapshot snapshot, CancellationToken cancellationToken)
    {
        (byte[] content, CheckpointPointer pointer) = DeltaCheckpoint.Write(snapshot);

        // Found by its name, so it must never be seen in part. If someone else has written it meanwhile, it says the same.
        string name = $"{table}/{DeltaPaths.LogFolder}/{DeltaPaths.Checkpoint(snapshot.Version)}";
        if (await storage.PutIfAbsentAsync(name, content, cancellationToken).ConfigureAwait(false))
        {
            await storage.ReplaceAsync(PointerName, pointer.ToJson(), cancellationToken).ConfigureAwait(false);
        }

        _checkpoint = Math.Max(_checkpoint, snapshot.Version);
    }

    /// <summary>
    /// Whether a version has been the last one so lately that no commit after it can have been cleaned up.
    /// </summary>
    private bool IsKnownToBeNew(long version) => version >= _end.Version && (time.GetUtcNow() - _end.At).Duration() < MaxKnownAge;

    private Task<bool> TryWriteAsync(long version, IReadOnlyList<DeltaAction> actions, CommitInfo info, CancellationToken cancellationToken) =>
        storage.PutIfAbsentAsync(CommitName(version), DeltaCommit.Write(actions, info), cancellationToken);

    /// <summary>The table as it was created; null when it is not, or so long ago that its first commit is cleaned up.</summary>
    private async Task<DeltaSnapshot?> FindFirstAsync(CancellationToken cancellationToken)
    {
        string name = CommitName(0);
        if (await storage.ReadAsync(name, cancellationToken).ConfigureAwait(false) is not { } content)
        {
            return null;
        }

        DeltaSnapshot.Builder builder = new(Name, _features);
        builder.Apply(ReadCommit(content, storage.Describe(name)));
        return builder.Build(0);
    }

    /// <summary>The newest snapshot, from one whose next commit cannot have been cleaned up.</summary>
    private async Task<DeltaSnapshot> ReadOnAsync(DeltaSnapshot snapshot, CancellationToken cancellationToken)
    {
        while (await storage.ReadAsync(CommitName(snapshot.Version + 1), cancellationToken).ConfigureAwait(false) is { } content)
        {
            long version = snapshot.Version + 1;
            snapshot = snapshot.With(version, ReadCommit(content, storage.Describe(CommitName(version))));
        }

        return snapshot;
    }

    private async Task<DeltaSnapshot> ReadAsync(LogListing listing, long version, CancellationToken cancellationToken)
    {
        DeltaSnapshot.Builder builder = new(Name, _features);
        long next = 0;
        if (CheckpointFor(listing, version) is { } checkpoint)
        {
            foreach (string name in checkpoint.Names)
            {
                foreach (IReadOnlyList<DeltaAction> part in await ReadCheckpointAsync(name, cancellationToken).ConfigureAwait(false))
                {
                    builder.Apply(part);
                }
            }

            // The commit of the checkpoint adds nothing but its time, which matters if it is the last one.
            next = checkpoint.Version == version && listing.Commits.ContainsKey(version) ? version : checkpoint.Version + 1;
        }

        for (; next <= version; next++)
        {
            string name = CommitName(next);
            byte[] content = await storage.ReadAsync(name, cancellationToken).ConfigureAwait(false)
                ?? throw new HistoryException(
                    $"The Delta table '{Name}' lacks commit {next} ('{storage.Describe(name)}'), so version {version} cannot be built"
                    + $"{(listing.Oldest is { } oldest && oldest > version ? $": it was cleaned up, and the oldest version left is {oldest}" : "")}. "
                    + "Restore the file from a copy, or read a newer version.");
            builder.Apply(ReadCommit(content, storage.Describe(name)));
        }

        return builder.Build(version);
    }

    private (long Version, IReadOnlyList<string> Names)? CheckpointFor(LogListing listing, long version)
    {
        (long Version, IReadOnlyList<string> Names)? classic = listing.CheckpointFor(version);
        if (listing.NewCheckpointFor(version) is not { } found || found.Version <= classic?.Version)
        {
            return classic;
        }

        return _features.Contains(ProtocolSupport.NewCheckpoints) ? (found.Version, [found.Name])
            : classic is not null || listing.Commits.ContainsKey(0) ? classic
            : throw new HistoryException(
                $"The Delta table '{Name}' needs a reader with: {ProtocolSupport.NewCheckpoints}. That is not supported. Rewrite the table without it.");
    }

    /// <summary>The actions of a checkpoint, and of each file that it is split into.</summary>
    private async Task<List<IReadOnlyList<DeltaAction>>> ReadCheckpointAsync(string name, CancellationToken cancellationToken)
    {
        List<IReadOnlyList<DeltaAction>> parts = [await ReadCheckpointFileAsync(name, cancellationToken).ConfigureAwait(false)];
        foreach (SidecarFile sidecar in parts[0].OfType<SidecarFile>())
        {
            string file = DeltaPaths.Decode(sidecar.Path);
            parts.Add(await ReadCheckpointFileAsync($"{DeltaPaths.SidecarFolder}/{file}", cancellationToken).ConfigureAwait(false));
        }

        return parts;
    }

    private async Task<IReadOnlyList<DeltaAction>> ReadCheckpointFileAsync(string name, CancellationToken cancellationToken)
    {
        string full = $"{table}/{DeltaPaths.LogFolder}/{name}";
        byte[] content = await storage.ReadAsync(full, cancellationToken).ConfigureAwait(false)
            ?? throw new HistoryException($"The checkpoint '{storage.Describe(full)}' is missing, or went away while it was being read. Try again.");
        byte[]? pointer = await storage.ReadAsync(PointerName, cancellationToken).ConfigureAwait(false);
        return CheckpointPointer.Read(pointer) is { Checksum: { } checksum } last && DeltaPaths.Checkpoint(last.Version) == name && checksum != Crc32C.TextOf(content)
            ? throw DeltaCheckpoint.Damaged(storage.Describe(full), "its checksum does not match its bytes.", cause: null)
            : EnsureReadable(
                name.EndsWith(".json", StringComparison.Ordinal) ? DeltaCommit.Read(content, storage.Describe(full)) : DeltaCheckpoint.Read(content, storage.Describe(full)),
                storage.Describe(full));
    }

    private List<DeltaAction> ReadCommit(byte[] content, string where) => EnsureReadable(DeltaCommit.Read(content, where), where);

    /// <summary>Refuses files with deletion vectors where those are not known: the table's protocol should have told of them.</summary>
    private List<DeltaAction> EnsureReadable(List<DeltaAction> actions, string where) =>
        !_features.Contains(ProtocolSupport.DeletionVectors) && actions.OfType<AddFile>().FirstOrDefault(add => add.Vector is not null) is { } file
            ? throw new HistoryException(
                $"'{where}' gives the file '{file.Path}' a deletion vector, which is not supported: without it deleted rows would come back. Take the feature "
                + "deletionVectors from the table with the engine that wrote it, which purges them, and turn it off there.")
            : actions;

    /// <summary>Whether there are many commits behind the newest checkpoint, which another writer may have written.</summary>
    private async Task<bool> IsCheckpointDueAsync(long version, CancellationToken cancellationToken)
    {
        if (version - _checkpoint < CheckpointInterval)
        {
            return false;
        }

        byte[]? pointer = await storage.ReadAsync(PointerName, cancellationToken).ConfigureAwait(false);
        _checkpoint = Math.Max(_checkpoint, CheckpointPointer.Read(pointer)?.Version ?? 0);
        return version - _checkpoint >= CheckpointInterval;
    }

    private string PointerName => $"{table}/{DeltaPaths.LogFolder}/{DeltaPaths.LastCheckpoint}";

    private string CommitName(long version) => $"{table}/{DeltaPaths.Commit(version)}";
}
