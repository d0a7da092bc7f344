using Lambda.Batch.History.Files;
using ParquetSharp;

namespace Lambda.Batch.History.Merge;

/// <summary>
/// Writes one column of rows that lie in other files. A row's address is the file and the row in it; of each file, rows are asked for in their order, and
/// some may be left out.
/// </summary>
/// <param name="leaf">The column.</param>
/// <param name="inputs">The files.</param>
internal abstract class MergeEncoder<T>(Leaf leaf, IReadOnlyList<MergeInput> inputs)
    : ColumnEncoder(leaf.Field, leaf.Path, leaf.MaxRepetition > 0), ILeafTarget<T>, IMergeEncoder
    where T : unmanaged
{
    /// <summary>By file, what leaves out some rows and takes some, until the chunk is full; tells how many it has taken.</summary>
    private readonly List<Func<int, int, int>> _copies = [];

    /// <summary>By file, the row that the next one to be read is.</summary>
    private readonly int[] _next = new int[inputs.Count];
    private readonly List<ILeafCursor> _cursors = [];
    private short[] _definitions = new short[ChunkRows];
    private short[] _repetitions = new short[ChunkRows];
    private int _levels;

    /// <summary>Whether the values of the chunk at hand take so much memory that no more rows shall be taken into it.</summary>
    private protected bool IsChunkFull { get; set; }

    public override void Write(ColumnWriter writer, ReadOnlySpan<RowKey> rows)
    {
        while (!rows.IsEmpty)
        {
            ReadOnlySpan<T> values = ReadChunk(ref rows);
            ((ColumnWriter<T>)writer).WriteBatch(
                _levels,
                leaf.MaxDefinition > 0 ? _definitions.AsSpan(0, _levels) : default,
                leaf.MaxRepetition > 0 ? _repetitions.AsSpan(0, _levels) : default,
                values);
        }
    }

    public void Scan(ReadOnlySpan<RowKey> rows)
    {
        NullCount = 0;
        ClearBounds();
        while (!rows.IsEmpty)
        {
            ReadChunk(ref rows);
        }
    }

    public void AddLevel(short definition, short repetition)
    {
        if (_levels == _definitions.Length)
        {
            Array.Resize(ref _definitions, _levels * 2);
            Array.Resize(ref _repetitions, _levels * 2);
        }

        _definitions[_levels] = definition;
        _repetitions[_levels++] = repetition;
    }

    public abstract void AddValue(T value);

    public void Dispose() => _cursors.ForEach(cursor => cursor.Dispose());

    private protected abstract void BeginChunk();

    private protected abstract ReadOnlySpan<T> ChunkValues();

    private protected override bool AreRepetitive(ReadOnlySpan<RowKey> rows) => inputs.Any(input => input.HasDictionary(leaf));

    /// <summary>Reads a column of the first of some rows, and counts its nulls.</summary>
    /// <param name="rows">The rows; in the end, those behind the ones that were read.</param>
    /// <returns>The values; the levels are in their fields.</returns>
    private ReadOnlySpan<T> ReadChunk(ref ReadOnlySpan<RowKey> rows)
    {
        if (_copies.Count == 0)
        {
            Open();
        }

        BeginChunk();
        IsChunkFull = false;
        _levels = 0;
        int most = Math.Min(ChunkRows, rows.Length);
        int taken = 0;
        while (taken < most && !IsChunkFull)
        {
            RowAddress first = rows[taken].Address;
            int end = taken + 1;
            while (end < most && rows[end].Address == first with { Row = first.Row + end - taken })
            {
                end++;
            }

            taken += Copy(first, end - taken);
        }

        rows = rows[taken..];
        ReadOnlySpan<T> values = ChunkValues();
        NullCount += _levels - values.Length;
        return values;
    }

    private void Open()
    {
        foreach (MergeInput input in inputs)
        {
            if (input.Has(leaf))
            {
                Add(input.Open<T>(leaf));
            }
            else if (input.Neighbour(leaf) is { } near)
            {
                AddLevelsOf(input, near);
            }
            else
            {
                Add(input.OpenNulls<T>(leaf));
            }
        }
    }

    /// <summary>Copies rows of a file that follow one another, until the chunk is full.</summary>
    /// <returns>How many; at least one.</returns>
    private int Copy(RowAddress first, int rows)
    {
        try
        {
            int copied = _copies[first.Batch](first.Row - _next[first.Batch], rows);
            _next[first.Batch] = first.Row + copied;
            return copied;
        }
        catch (Exception e) when (inputs[first.Batch].Explain(e) is { } explained)
        {
            throw explained;
        }
    }

    private void Add(LeafCursor<T> cursor)
    {
        _cursors.Add(cursor);
        _copies.Add((left, rows) =>
        {
            cursor.SkipRows(left);
            int copied = 0;
            while (copied < rows && !IsChunkFull)
            {
                cursor.CopyRow(this);
                copied++;
            }

            return copied;
        });
    }

    private void AddLevelsOf(MergeInput input, Leaf near)
    {
        switch (MergeInput.PhysicalTypeOf(near.Field.Type))
        {
            case PhysicalType.Boolean:
                AddLevels(input.OpenLevels<bool>(near, leaf));
                break;
            case PhysicalType.Int32:
                AddLevels(input.OpenLevels<int>(near, leaf));
                break;
            case PhysicalType.Int64:
                AddLevels(input.OpenLevels<long>(near, leaf));
                break;
            case PhysicalType.Double:
                AddLevels(input.OpenLevels<double>(near, leaf));
                break;
            default:
                AddLevels(input.OpenLevels<ByteArray>(near, leaf));
                break;
        }
    }

    private void AddLevels<TOther>(LeafCursor<TOther> cursor)
        where TOther : unmanaged
    {
        LevelsOnly<TOther> levels = new(this);
        _cursors.Add(cursor);
        _copies.Add((left, rows) =>
        {
            cursor.SkipRows(left);
            for (int i = 0; i < rows; i++)
            {
                cursor.CopyRow(levels);
            }

            return rows;
        });
    }

    /// <summary>Takes the levels of a column of another type.</summary>
    private readonly struct LevelsOnly<TOther>(MergeEncoder<T> target) : ILeafTarget<TOther>
        where TOther : unmanaged
    {
        public void AddLevel(short definition, short repetition) => target.AddLevel(definition, repetition);

        public void AddValue(TOther value)
        {
        }
    }
}
