using System.Collections.Immutable;

namespace Lambda.Batch.History.Delta;

/// <summary>A table as it was after a commit. Never changes.</summary>
internal sealed class DeltaSnapshot
{
    private readonly ImmutableSortedDictionary<string, AddFile> _files;

    private DeltaSnapshot(
        string table,
        long version,
        DeltaProtocol protocol,
        DeltaMetadata metadata,
        ImmutableSortedDictionary<string, AddFile> files,
        ImmutableDictionary<string, long> transactions)
    {
        Table = table;
        Version = version;
        Protocol = protocol;
        Metadata = metadata;
        _files = files;
        Transactions = transactions;
    }

    /// <summary>The table, as messages name it.</summary>
    public string Table { get; }

    /// <summary>The number of the last commit in it.</summary>
    public long Version { get; }

    public DeltaProtocol Protocol { get; }

    public DeltaMetadata Metadata { get; }

    /// <summary>The data files, ordered by path.</summary>
    public IEnumerable<AddFile> Files => _files.Values;

    public int FileCount => _files.Count;

    /// <summary>By application, the version of its input that the table contains.</summary>
    public IReadOnlyDictionary<string, long> Transactions { get; }

    /// <summary>The data file of a path; null when it is not part of the table.</summary>
    public AddFile? Find(string path) => _files.GetValueOrDefault(path);

    /// <summary>The table after more actions.</summary>
    public DeltaSnapshot With(long version, IEnumerable<DeltaAction> actions)
    {
        Builder builder = new(Table, this);
        builder.Apply(actions);
        return builder.Build(version);
    }

    /// <summary>Puts a snapshot together from actions in the order of their commits.</summary>
    internal sealed class Builder
    {
        private readonly string _table;
        private readonly ImmutableSortedDictionary<string, AddFile>.Builder _files;
        private readonly ImmutableDictionary<string, long>.Builder _transactions;
        private DeltaProtocol? _protocol;
        private DeltaMetadata? _metadata;

        public Builder(string table, DeltaSnapshot? start = null)
        {
            _table = table;
            _protocol = start?.Protocol;
            _metadata = start?.Metadata;
            _files = (start?._files ?? ImmutableSortedDictionary.Create<string, AddFile>(StringComparer.Ordinal)).ToBuilder();
            _transactions = ((start?.Transactions as ImmutableDictionary<string, long>)
                ?? ImmutableDictionary.Create<string, long>(StringComparer.Ordinal)).ToBuilder();
        }

        public void Apply(IEnumerable<DeltaAction> actions)
        {
            foreach (DeltaAction action in actions)
            {
                switch (action)
                {
                    case DeltaProtocol protocol:
                        ProtocolSupport.EnsureReadable(protocol, _table);
                        _protocol = protocol;
                        break;
                    case DeltaMetadata metadata:
                        _metadata = metadata;
                        break;
                    case AddFile add:
                        _files[add.Path] = add;
                        break;
                    case RemoveFile remove:
                        _files.Remove(remove.Path);
                        break;
                    case AppTransaction transaction:
                        _transactions[transaction.AppId] = transaction.Version;
                        break;
                }
            }
        }

        public DeltaSnapshot Build(long version) => new(
            _table,
            version,
            _protocol ?? throw Incomplete("protocol"),
            _metadata ?? throw Incomplete("metaData"),
            _files.ToImmutable(),
            _transactions.ToImmutable());

        private HistoryException Incomplete(string action) =>
            new($"The log of the Delta table '{_table}' has no '{action}' action: its first commits are missing. Restore them from a copy.");
    }
}
