using Lambda.Events;

namespace Lambda.Batch.History.Files;

/// <summary>
/// Takes the values of one column out of the objects and arrays that they lie in, with the levels by which a Parquet reader puts them back: how far down
/// the path something is there, and at which array of the path a value goes on instead of beginning anew. (Melnik et al., Dremel, VLDB 2010.)
/// </summary>
internal sealed class Striping
{
    private readonly Step[] _steps;
    private readonly Column[][] _columns;
    private readonly List<short> _definitions = [];
    private readonly List<short> _repetitions = [];
    private readonly List<RowAddress> _values = [];

    /// <param name="filePath">The names from the outermost group of the file down to the column.</param>
    /// <param name="path">The members from the event's own down to that of the column.</param>
    /// <param name="batches">The events.</param>
    public Striping(IReadOnlyList<string> filePath, IReadOnlyList<EventMember> path, IReadOnlyList<EventBatch> batches)
    {
        FilePath = filePath;
        _steps = Step.Of(path);
        _columns = [.. batches.Select(batch => path.Select(member => batch[member]!).ToArray())];
        IsRepeated = path.Any(member => member.Kind == MemberKind.List);
    }

    /// <summary>The names from the outermost group of the file down to the column.</summary>
    public IReadOnlyList<string> FilePath { get; }

    /// <summary>Whether there is an array on the path.</summary>
    public bool IsRepeated { get; }

    /// <summary>How many levels the rows have: one per value, null, and empty array.</summary>
    public int LevelCount { get; private set; }

    /// <summary>Empty when nothing on the path can be absent.</summary>
    public ReadOnlySpan<short> DefinitionLevels => _steps[^1].Present > 0 ? System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_definitions) : default;

    /// <summary>Empty when there is no array on the path.</summary>
    public ReadOnlySpan<short> RepetitionLevels => IsRepeated ? System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_repetitions) : default;

    /// <summary>Where the values lie that are not null: by batch, in the column's own index.</summary>
    public ReadOnlySpan<RowAddress> Values => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_values);

    /// <summary>Takes the values of some rows; those taken before are forgotten.</summary>
    public void Stripe(ReadOnlySpan<RowKey> rows)
    {
        _definitions.Clear();
        _repetitions.Clear();
        _values.Clear();
        foreach (RowKey row in rows)
        {
            Emit(row.Address.Batch, row.Address.Row, step: 0, repetition: 0);
        }

        LevelCount = _definitions.Count;
    }

    private void Emit(int batch, int index, int step, short repetition)
    {
        for (; step < _steps.Length; step++)
        {
            Step at = _steps[step];
            Column column = _columns[batch][step];
            if (column.Nulls is { } nulls && nulls[index])
            {
                AddLevel((short)(at.Present - 1), repetition);
                return;
            }

            if (column is not ListColumn list)
            {
                continue;
            }

            int length = list.Lengths[index];
            for (int i = 0; i < length; i++)
            {
                Emit(batch, list.Starts[index] + i, step + 1, i == 0 ? repetition : at.Repetition);
            }

            if (length == 0)
            {
                AddLevel(at.Present, repetition);
            }

            return;
        }

        AddLevel(_steps[^1].Present, repetition);
        _values.Add(new RowAddress(batch, index));
    }

    private void AddLevel(short definition, short repetition)
    {
        _definitions.Add(definition);
        _repetitions.Add(repetition);
    }
}
