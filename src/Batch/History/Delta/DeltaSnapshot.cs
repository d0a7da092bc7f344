using System.Collections.Immutable;

namespace Lambda.Batch.History.Delta;

/// <summary>A table as it was after a commit. Never changes.</summary>
internal sealed class DeltaSnapshot
{
    private readonly IReadOnlyCollection<string> _features;

    /// <summary>By <see cref="AddFile.Key"/>, which is the path of a file without a deletion vector.</summary>
    private readonly ImmutableSortedDictionary<string, AddFile> _files;
    private readonly ImmutableSortedDictionary<string, RemoveFile> _tombstones;
    private readonly ImmutableDictionary<string, AppTransaction> _transactions;
    private readonly Lazy<IReadOnlyDictionary<string, long>> _ends;

    private DeltaSnapshot(
        string table,
        IReadOnlyCollection<string> features,
        long version,
        long? timestamp,
        DeltaProtocol protocol,
        DeltaMetadata metadata,
        ImmutableSortedDictionary<string, AddFile> files,
        ImmutableSortedDictionary<string, RemoveFile> tombstones,
        ImmutableDictionary<string, AppTransaction> transactions)
    {
        Table = table;
        _features = features;
        Version = version;
        Timestamp = timestamp;
        Protocol = protocol;
        Metadata = metadata;
        _files = files;
        _tombstones = tombstones;
        _transactions = transactions;
        _ends = new(() => transactions.ToDictionary(entry => entry.Key, entry => entry.Value.Version, StringComparer.Ordinal));
    }

    /// <summary>The table, as messages name it.</summary>
    public string Table { get; }

    /// <summary>The number of the last commit in it.</summary>
    public long Version { get; }

    /// <summary>When the last commit was made, in milliseconds since 1970; null when that is not known.</summary>
    public long? Timestamp { get; }

    public DeltaProtocol Protocol { get; }

    public DeltaMetadata Metadata { get; }

    /// <summary>The data files, ordered by path.</summary>
    public IEnumerable<AddFile> Files => _files.Values;

    public int FileCount => _files.Count;

    /// <summary>Files that older versions have and this one has not, ordered by path; those removed long ago are left out.</summary>
    public IEnumerable<RemoveFile> Tombstones => _tombstones.Values;

    /// <summary>Whether all files are among <see cref="Tombstones"/> that were removed at an instant or later. They are not when commits were made by a clock that is far ahead.</summary>
    public bool TellsRemovalsSince(DateTimeOffset instant) =>
        Timestamp is { } last && DeltaCheckpoint.OldestTombstone(last) <= instant.ToUnixTimeMilliseconds();

    /// <summary>By application, the version of its input that the table contains.</summary>
    public IReadOnlyDictionary<string, long> Transactions => _ends.Value;

    /// <summary>The same, as actions.</summary>
    public IEnumerable<AppTransaction> TransactionActions => _transactions.Values.OrderBy(transaction => transaction.AppId, StringComparer.Ordinal);

    /// <summary>The data file of a path; null when it is not part of the table.</summary>
    public AddFile? Find(string path) => _files.GetValueOrDefault(path);

    /// <summary>Whether this version or one that it came of has a file of that path.</summary>
    public bool Knows(string path) => _files.ContainsKey(path) || _tombstones.ContainsKey(path);

    /// <summary>The table after more actions.</summary>
    public DeltaSnapshot With(long version, IEnumerable<DeltaAction> actions)
    {
        Builder builder = new(Table, _features, this);
        builder.Apply(actions);
        return builder.Build(version);
    }

    /// <summary>Puts a snapshot together from actions in the order of their commits.</summary>
    internal sealed class Builder
    {
        private readonly string _table;
        private readonly IReadOnlyCollection<string> _features;
        private readonly ImmutableSortedDictionary<string, AddFile>.Builder _files;
        private readonly ImmutableSortedDictionary<string, RemoveFile>.Builder _tombstones;
        private readonly ImmutableDictionary<string, AppTransaction>.Builder _transactions;
        private DeltaProtocol? _protocol;
        private DeltaMetadata? _metadata;
        private long? _timestamp;

        public Builder(string table, IReadOnlyCollection<string> features, DeltaSnapshot? start = null)
        {
            _table = table;
            _features = features;
            _protocol = start?.Protocol;
            _metadata = start?.Metadata;
            _files = (start?._files ?? ImmutableSortedDictionary.Create<string, AddFile>(StringComparer.Ordinal)).ToBuilder();
            _tombstones = (start?._tombstones ?? ImmutableSortedDictionary.Create<string, RemoveFile>(StringComparer.Ordinal)).ToBuilder();
            _transactions = (start?._transactions ?? ImmutableDictionary.Create<string, AppTransaction>(StringComparer.Ordinal)).ToBuilder();
        }

        /// <summary>Applies the actions of one commit, or of a checkpoint.</summary>
        public void Apply(IEnumerable<DeltaAction> actions)
        {
            // A commit that says nothing of its time has none, whatever the one before it said.
            _timestamp = null;
            foreach (DeltaAction action in actions)
            {
                switch (action)
                {
                    case DeltaProtocol protocol:
                        ProtocolSupport.EnsureReadable(protocol, _features, _table);
                        _protocol = protocol;
                        break;
                    case DeltaMetadata metadata:
                        _metadata = metadata;
                        break;
                    case AddFile add:
                        _files[add.Key] = add;
                        _tombstones.Remove(add.Key);
                        break;
                    case RemoveFile remove:
                        _files.Remove(remove.Key);
                        _tombstones[remove.Key] = remove;
                        break;
                    case AppTransaction transaction:
                        _transactions[transaction.AppId] = transaction;
                        break;
                    case CommitInfo info:
                        _timestamp = info.Timestamp;
                        break;
                }
            }
        }

        public DeltaSnapshot Build(long version)
        {
            ForgetOldTombstones(version);
            return new DeltaSnapshot(
                _table,
                _features,
                version,
                _timestamp,
                _protocol ?? throw Incomplete("protocol"),
                _metadata ?? throw Incomplete("metaData"),
                _files.ToImmutable(),
                _tombstones.ToImmutable(),
                _transactions.ToImmutable());
        }

        /// <summary>Keeps a process that follows a table for months from holding all that was ever removed; now and then, as it looks at each.</summary>
        private void ForgetOldTombstones(long version)
        {
            const int Interval = 64;
            if (version % Interval == 0 && _timestamp is { } last && _tombstones.Count > 0)
            {
                long oldest = DeltaCheckpoint.OldestTombstone(last);
                _tombstones.RemoveRange([.. _tombstones.Values.Where(file => file.DeletionTimestamp < oldest).Select(file => file.Key)]);
            }
        }

        private HistoryException Incomplete(string action) =>
            new($"The log of the Delta table '{_table}' has no '{action}' action: its first commits are missing. Restore them from a copy.");
    }
}
