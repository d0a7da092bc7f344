using Lambda.Events;

namespace Lambda.Aggregation;

/// <summary>Texts of a column, as ids of a dictionary; as strings only when an aggregate asks for them.</summary>
internal sealed class TextInput : AggregateInput<string>
{
    private long[] _ids = [];
    private string[] _values = [];
    private bool[] _nulls = [];
    private int _count;
    private bool _isFilled;

    /// <summary>Gives the ids their meaning.</summary>
    public StringDictionary Dictionary { get; private set; } = new();

    /// <summary>Per row the id; <see cref="StringDictionary.Null"/> for null.</summary>
    public ReadOnlySpan<long> Ids => _ids.AsSpan(0, _count);

    public override string[] Values
    {
        get
        {
            Fill();
            return _values;
        }
    }

    public override bool[]? Nulls
    {
        get
        {
            Fill();
            return _nulls;
        }
    }

    /// <summary>Makes room for that many rows.</summary>
    public void EnsureCapacity(int rows)
    {
        if (_ids.Length < rows)
        {
            _ids = new long[rows];
        }
    }

    /// <summary>Starts a batch.</summary>
    /// <param name="dictionary">Gives the ids their meaning.</param>
    /// <param name="count">The number of rows, for which there is room.</param>
    /// <returns>Takes the ids.</returns>
    public long[] Begin(StringDictionary dictionary, int count)
    {
        Dictionary = dictionary;
        _count = count;
        _isFilled = false;
        return _ids;
    }

    private void Fill()
    {
        if (_isFilled)
        {
            return;
        }

        if (_values.Length < _count)
        {
            _values = new string[_ids.Length];
            _nulls = new bool[_ids.Length];
        }

        for (int row = 0; row < _count; row++)
        {
            int id = (int)_ids[row];
            _nulls[row] = id == StringDictionary.Null;
            _values[row] = Dictionary.GetString(id)!;
        }

        _isFilled = true;
    }
}
