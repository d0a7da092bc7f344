namespace Lambda.Events.Texts;

/// <summary>The values that the texts of a dictionary stand for, each parsed once however many rows have it.</summary>
internal sealed class ParsedTexts<T>(StringDictionary dictionary)
{
    private readonly TextForm<T> _form = TextForm<T>.Instance;
    private T[] _values = [];
    private bool[] _isParsed = [];

    /// <summary>The value of an id that is not <see cref="StringDictionary.Null"/>.</summary>
    public T Get(int id) => id < _isParsed.Length && _isParsed[id] ? _values[id] : Parse(id);

    private T Parse(int id)
    {
        if (id >= _values.Length)
        {
            int capacity = Math.Max(dictionary.Count, _values.Length * 2);
            Array.Resize(ref _values, capacity);
            Array.Resize(ref _isParsed, capacity);
        }

        _values[id] = _form.Parse(dictionary.GetString(id)!);
        _isParsed[id] = true;
        return _values[id];
    }
}
