using Lambda.Batch.History.Files;
using ParquetSharp;

namespace Lambda.Batch.History.Merge;

/// <summary>Where the levels and values of rows go, in their order.</summary>
internal interface ILeafTarget<in T>
    where T : unmanaged
{
    void AddLevel(short definition, short repetition);

    /// <summary>Adds the value of the level added last; what it points to is gone when the next row is asked for.</summary>
    void AddValue(T value);
}

/// <summary>Goes through one column of a file, row by row, over all its row groups.</summary>
/// <remarks>
/// A column that the file lacks has nulls as far down as another one, the nearest in the schema, says that something is there: its levels are then read
/// of that one, and cut at the last group that both lie in.
/// </remarks>
/// <param name="file">The file; not closed by this.</param>
/// <param name="column">The place of the column that is read; null when nothing near it is in the file, so that every row has null.</param>
/// <param name="cut">The last group in common with the column that is read; null when it is read itself.</param>
/// <param name="shape">The column that is read, or that the file lacks.</param>
internal sealed class LeafCursor<T>(DataFileReader file, int? column, LeafStep? cut, Leaf shape) : ILeafCursor
    where T : unmanaged
{
    private const int BufferedLevels = 4096;

    private readonly short[] _definitions = new short[BufferedLevels];
    private readonly short[] _repetitions = new short[BufferedLevels];
    private readonly T[] _values = new T[BufferedLevels];
    private RowGroupReader? _group;
    private ColumnReader<T>? _reader;
    private int _nextGroup;

    /// <summary>Other programs declare columns nullable that have no null.</summary>
    private FileLevels? _fileLevels;
    private int _levels;
    private int _nextLevel;
    private int _nextValue;

    /// <summary>Gives the next row to a target.</summary>
    /// <exception cref="InvalidDataException">There is none, or the column has another type.</exception>
    public void CopyRow<TTarget>(TTarget target)
        where TTarget : ILeafTarget<T>
    {
        if (column is null)
        {
            target.AddLevel(0, 0);
            return;
        }

        if (_nextLevel == _levels && !Fill())
        {
            throw new InvalidDataException($"the column '{shape.Field.Name}' ends before its last row");
        }

        do
        {
            short inFile = _fileLevels!.Max > 0 ? _definitions[_nextLevel] : (short)0;
            short definition = _fileLevels.InTable(inFile);
            short repetition = shape.MaxRepetition > 0 ? _repetitions[_nextLevel] : (short)0;
            _nextLevel++;
            bool hasValue = inFile == _fileLevels.Max;
            if (cut is not { } group)
            {
                target.AddLevel(definition, repetition);
                if (hasValue)
                {
                    target.AddValue(_values[_nextValue]);
                }
            }
            else if (repetition <= group.Repetition)
            {
                target.AddLevel(Math.Min(definition, group.Definition), repetition);
            }

            _nextValue += hasValue ? 1 : 0;
        }
        while (shape.MaxRepetition > 0 && (_nextLevel < _levels || Fill()) && _repetitions[_nextLevel] > 0);
    }

    /// <summary>Leaves out the next rows.</summary>
    /// <exception cref="InvalidDataException">There are not as many, or the column has another type.</exception>
    public void SkipRows(int rows)
    {
        for (int row = 0; row < rows; row++)
        {
            CopyRow(default(Nowhere));
        }
    }

    public void Dispose()
    {
        _reader?.Dispose();
        _group?.Dispose();
        (_reader, _group) = (null, null);
    }

    /// <summary>Reads on; what was read before is gone.</summary>
    private bool Fill()
    {
        while (_reader is not { HasNext: true })
        {
            if (_nextGroup == file.RowGroups)
            {
                return false;
            }

            Dispose();
            _group = file.RowGroup(_nextGroup++);
            ColumnReader reader = _group.Column(column!.Value);
            _reader = reader as ColumnReader<T>;
            if (_reader is null)
            {
                reader.Dispose();
                throw new InvalidDataException($"the column '{shape.Field.Name}' has the type {reader.Type}");
            }

            _fileLevels = FileLevels.Find(_reader.ColumnDescriptor, shape.Field.Name, shape.Nodes)
                ?? throw new InvalidDataException($"the column '{shape.Field.Name}' lies in other arrays than the table's");
        }

        _nextLevel = 0;
        _nextValue = 0;
        _levels = (int)_reader.ReadBatch(BufferedLevels, _definitions, _repetitions, _values, out _);
        return _levels > 0;
    }

    /// <summary>Takes rows that nobody wants.</summary>
    private readonly struct Nowhere : ILeafTarget<T>
    {
        public void AddLevel(short definition, short repetition)
        {
        }

        public void AddValue(T value)
        {
        }
    }
}

/// <summary>Something that is open while columns are gone through.</summary>
internal interface ILeafCursor : IDisposable;
