namespace Lambda.Batch.History.Merge;

/// <summary>Goes through a column of a file that has a value in every row.</summary>
/// <param name="input">The file; not closed by this.</param>
/// <param name="leaf">The column.</param>
internal sealed class RequiredColumn<T>(MergeInput input, Leaf leaf) : ILeafTarget<T>, IDisposable
    where T : unmanaged
{
    private LeafCursor<T>? _cursor;
    private T? _value;

    /// <summary>The value of the next row.</summary>
    /// <exception cref="InvalidDataException">There is no next row, or it has a null.</exception>
    public T Next()
    {
        _value = null;
        (_cursor ??= input.Open<T>(leaf)).CopyRow(this);
        return _value ?? throw new InvalidDataException($"the column '{leaf.Field.Name}' has a null, but must not");
    }

    public void AddLevel(short definition, short repetition)
    {
    }

    public void AddValue(T value) => _value = value;

    public void Dispose() => _cursor?.Dispose();
}
