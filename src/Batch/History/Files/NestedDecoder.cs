using Lambda.Events;
using ByteArray = ParquetSharp.ByteArray;
using RowGroupReader = ParquetSharp.RowGroupReader;

namespace Lambda.Batch.History.Files;

/// <summary>
/// Reads a member that is an object or array into a batch: only the columns of values that the batch carries, and where it carries an object or array
/// without any value in it, one of those for its levels.
/// </summary>
/// <param name="batch">The batch.</param>
/// <param name="root">The member, one of the event's own.</param>
/// <param name="filePath">Where the values of a member lie in files.</param>
internal sealed class NestedDecoder(EventBatch batch, EventMember root, Func<EventMember, IReadOnlyList<string>> filePath) : IDisposable
{
    private readonly EventMember[] _carried = [.. root.Subtree.Where(member => batch[member] is not null)];
    private readonly List<LeafReader> _leaves = [];

    /// <summary>What the batch carries and the file was written before, outermost first.</summary>
    private readonly List<EventMember> _absent = [];

    /// <summary>Takes a row group.</summary>
    /// <exception cref="InvalidDataException">It lacks what may not be null.</exception>
    public void Open(DataFileReader file, RowGroupReader group)
    {
        Dispose();
        HashSet<EventMember> written = [];
        foreach (EventMember leaf in LeavesToRead(file))
        {
            int index = file.IndexOf(filePath(leaf))!.Value;
            EventMember[] path = [.. leaf.Ancestry];
            Column?[] columns = [.. path.Select(member => batch[member])];
            bool[] writes = [.. path.Select(member => batch[member] is not null && written.Add(member))];
            ParquetSharp.ColumnReader reader = group.Column(index);
            _leaves.Add(Create(reader, FileLevels.Of(reader.ColumnDescriptor, path), new LeafPath(path, columns, writes), batch[leaf]));
        }

        _absent.Clear();
        foreach (EventMember member in _carried.Where(member => !written.Contains(member)))
        {
            if (!member.IsNullable && (member.Parent is null || !_absent.Contains(member.Parent)))
            {
                throw new InvalidDataException($"it lacks the column '{member.Path}'");
            }

            _absent.Add(member);
        }
    }

    /// <summary>Reads a chunk of rows.</summary>
    /// <param name="count">How many rows of the file.</param>
    /// <param name="kept">Which of them are kept; null for all.</param>
    public void Read(int count, Selection? kept)
    {
        foreach (LeafReader leaf in _leaves)
        {
            leaf.Read(count, kept);
        }

        foreach (EventMember member in _absent)
        {
            Column column = batch[member]!;
            int indices = member.List is null ? kept?.Count ?? count : ((ListColumn)batch[member.List]!).ElementCount;
            for (int index = 0; index < indices; index++)
            {
                column.Nulls?[index] = true;
                column.SetDefault(index);
            }
        }
    }

    /// <summary>Passes over a chunk of rows.</summary>
    public void Skip(int count) => _leaves.ForEach(leaf => leaf.Skip(count));

    public void Dispose()
    {
        _leaves.ForEach(leaf => leaf.Dispose());
        _leaves.Clear();
    }

    private List<EventMember> LeavesToRead(DataFileReader file)
    {
        List<EventMember> leaves = [.. _carried.Where(member => member.Kind == MemberKind.Value && file.IndexOf(filePath(member)) is not null)];

        // Innermost first, as what is read for an inner one tells of the outer ones too.
        foreach (EventMember group in _carried.Reverse().Where(member => member.Kind != MemberKind.Value))
        {
            if (!leaves.Exists(leaf => leaf.Ancestry.Contains(group)) && Cheapest(group, file) is { } leaf)
            {
                leaves.Add(leaf);
            }
        }

        return leaves;
    }

    private EventMember? Cheapest(EventMember group, DataFileReader file) => group.Subtree
        .Where(member => member.Kind == MemberKind.Value && file.IndexOf(filePath(member)) is not null)
        .MinBy(member => (member.Ancestry.Count(), member.Type == ColumnType.String));

    private static LeafReader Create(ParquetSharp.ColumnReader reader, FileLevels levels, LeafPath path, Column? column) => (reader, column) switch
    {
        (ParquetSharp.ColumnReader<bool> typed, Column<bool> values) => new LeafReader<bool, FixedTarget<bool>>(typed, levels, path, new(values)),
        (ParquetSharp.ColumnReader<int> typed, Column<int> values) => new LeafReader<int, FixedTarget<int>>(typed, levels, path, new(values)),
        (ParquetSharp.ColumnReader<long> typed, Column<long> values) => new LeafReader<long, FixedTarget<long>>(typed, levels, path, new(values)),
        (ParquetSharp.ColumnReader<double> typed, Column<double> values) => new LeafReader<double, FixedTarget<double>>(typed, levels, path, new(values)),
        (ParquetSharp.ColumnReader<ByteArray> typed, Column<decimal> values) => Bytes(typed, levels, path, new DecimalTarget(values)),
        (ParquetSharp.ColumnReader<ByteArray> typed, TextColumn values) => Bytes(typed, levels, path, new TextTarget(values)),
        (ParquetSharp.ColumnReader<ByteArray> typed, DictionaryColumn values) => Bytes(typed, levels, path, new DictionaryTarget(values)),
        (ParquetSharp.ColumnReader<bool> typed, null) => new LeafReader<bool, NoTarget<bool>>(typed, levels, path, default),
        (ParquetSharp.ColumnReader<int> typed, null) => new LeafReader<int, NoTarget<int>>(typed, levels, path, default),
        (ParquetSharp.ColumnReader<long> typed, null) => new LeafReader<long, NoTarget<long>>(typed, levels, path, default),
        (ParquetSharp.ColumnReader<double> typed, null) => new LeafReader<double, NoTarget<double>>(typed, levels, path, default),
        (ParquetSharp.ColumnReader<ByteArray> typed, null) => new LeafReader<ByteArray, NoTarget<ByteArray>>(typed, levels, path, default),
        _ => throw new InvalidDataException($"the column '{path.Name}' has the type {reader.Type}"),
    };

    private static LeafReader<ByteArray, BytesValueTarget<TTarget>> Bytes<TTarget>(
        ParquetSharp.ColumnReader<ByteArray> reader, FileLevels levels, LeafPath path, TTarget target)
        where TTarget : IBytesTarget => new(reader, levels, path, new BytesValueTarget<TTarget>(target));
}
