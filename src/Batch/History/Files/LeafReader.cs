using ParquetSharp;

namespace Lambda.Batch.History.Files;

/// <summary>Where values go to that are read from within objects and arrays.</summary>
internal interface IValueTarget<in T>
    where T : unmanaged
{
    /// <summary>Values read from now on may lie where earlier ones lay.</summary>
    void Begin();

    void Set(int index, T value);
}

/// <summary>
/// Reads one column of values that lie within objects and arrays, and by its levels also where those are null and which elements they have.
/// </summary>
internal abstract class LeafReader : IDisposable
{
    /// <summary>Reads a chunk of rows.</summary>
    /// <param name="count">How many rows of the file.</param>
    /// <param name="kept">Which of them are kept, ascending; null for all.</param>
    public abstract void Read(int count, Selection? kept);

    /// <summary>Passes over a chunk of rows.</summary>
    public abstract void Skip(int count);

    public abstract void Dispose();
}

/// <inheritdoc/>
/// <param name="reader">The column of a row group.</param>
/// <param name="levels">What its levels are in the table.</param>
/// <param name="path">Where what is read goes.</param>
/// <param name="target">Where the values go.</param>
internal sealed class LeafReader<T, TTarget>(ColumnReader<T> reader, FileLevels levels, LeafPath path, TTarget target) : LeafReader
    where T : unmanaged
    where TTarget : IValueTarget<T>
{
    private const int BufferedLevels = 4096;

    private readonly short[] _definitions = new short[BufferedLevels];
    private readonly short[] _repetitions = new short[BufferedLevels];
    private readonly T[] _values = new T[BufferedLevels];
    private int _levels;
    private int _nextLevel;
    private int _nextValue;

    public override void Read(int count, Selection? kept)
    {
        path.Begin();
        Walk(count, kept is null ? default : kept.Rows, all: kept is null);
    }

    public override void Skip(int count) => Walk(count, default, all: false);

    public override void Dispose() => reader.Dispose();

    private void Walk(int count, ReadOnlySpan<int> kept, bool all)
    {
        int rows = 0;
        int taken = 0;
        bool takes = false;

        // A row of a repeated column ends where the next one begins, which may lie beyond the buffer.
        while ((path.IsRepeated || rows < count) && (_nextLevel < _levels || Fill()))
        {
            short repetition = path.IsRepeated ? _repetitions[_nextLevel] : (short)0;
            if (repetition == 0)
            {
                if (rows == count)
                {
                    return;
                }

                takes = all || (taken < kept.Length && kept[taken] == rows);
                taken += takes ? 1 : 0;
                rows++;
            }

            short level = levels.Max > 0 ? _definitions[_nextLevel] : (short)0;
            _nextLevel++;
            bool hasValue = level == levels.Max;
            if (takes && path.Place(taken - 1, levels.InTable(level), repetition) is { } index)
            {
                target.Set(index, _values[_nextValue]);
            }

            _nextValue += hasValue ? 1 : 0;
        }

        if (rows != count)
        {
            throw new InvalidDataException($"the column '{path.Name}' ends before its last row");
        }
    }

    private bool Fill()
    {
        _nextLevel = 0;
        _nextValue = 0;
        _levels = reader.HasNext ? (int)reader.ReadBatch(BufferedLevels, _definitions, _repetitions, _values, out _) : 0;

        // What was read before lay in pages that are gone now.
        target.Begin();
        return _levels > 0;
    }
}
