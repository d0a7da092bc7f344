using Lambda.Events;

namespace Lambda.Batch.History.Files;

/// <summary>
/// Puts the levels of one column back into objects and arrays. Several columns lie in the same ones; each of those is written by one of them only.
/// </summary>
internal sealed class LeafPath
{
    private readonly Step[] _steps;
    private readonly Column?[] _columns;

    /// <summary>Per step whether this path writes its column; the last one is always its own.</summary>
    private readonly bool[] _writes;

    /// <summary>Per array on the path how many elements of it were met in the chunk, and in which row or element it lies.</summary>
    private readonly int[] _elements;
    private readonly int[] _at;

    /// <param name="path">The members from the event's own down to the one whose values are read.</param>
    /// <param name="columns">Per member its column; null when the batch does not carry it.</param>
    /// <param name="writes">Per member whether this path is the one to write its column.</param>
    public LeafPath(IReadOnlyList<EventMember> path, IReadOnlyList<Column?> columns, IReadOnlyList<bool> writes)
    {
        _steps = Step.Of(path);
        _columns = [.. columns];
        _writes = [.. writes];
        _elements = new int[_steps.Length];
        _at = new int[_steps.Length];
        Name = path[^1].Path;
        IsRepeated = path.Any(member => member.Kind == MemberKind.List);
    }

    /// <summary>The column, for messages.</summary>
    public string Name { get; }

    /// <summary>Whether there is an array on the path.</summary>
    public bool IsRepeated { get; }

    /// <summary>Begins a chunk of rows, in columns that have none.</summary>
    public void Begin() => Array.Clear(_elements);

    /// <summary>Takes the next levels of the column, as the table has them.</summary>
    /// <returns>Where the value of these levels goes, in the column's own index; null when they have none, or the batch does not carry it.</returns>
    public int? Place(int row, short definition, short repetition)
    {
        int index = row;
        int step = 0;
        if (repetition > 0)
        {
            step = Array.FindIndex(_steps, at => at.Member.Kind == MemberKind.List && at.Repetition == repetition);
            index = NextElement(step);
            step++;
        }

        for (; step < _steps.Length; step++)
        {
            EventMember member = _steps[step].Member;
            bool isNull = definition < _steps[step].Present;
            if (_writes[step] && member.IsNullable)
            {
                _columns[step]!.Nulls![index] = isNull;
            }

            if (isNull)
            {
                SetAbsent(step, index);
                return null;
            }

            if (member.Kind == MemberKind.List)
            {
                _at[step] = index;
                SetEmpty(step, index);
                if (definition == _steps[step].Present)
                {
                    return null;
                }

                index = NextElement(step);
            }
        }

        return _columns[^1] is null ? null : index;
    }

    /// <summary>Adds an element to the array that was met last.</summary>
    private int NextElement(int step)
    {
        int element = _elements[step]++;
        if (_columns[step] is ListColumn list)
        {
            list.EnsureElements(element + 1);
            if (_writes[step])
            {
                list.Lengths[_at[step]]++;
                list.ElementCount = element + 1;
            }
        }

        return element;
    }

    private void SetEmpty(int step, int index)
    {
        if (_writes[step])
        {
            ListColumn list = (ListColumn)_columns[step]!;
            (list.Starts[index], list.Lengths[index]) = (_elements[step], 0);
        }
    }

    /// <summary>Sets what stands in the columns from a step on where that step is null, as far as they have the same index.</summary>
    private void SetAbsent(int step, int index)
    {
        for (; step < _steps.Length; step++)
        {
            if (_writes[step])
            {
                Column column = _columns[step]!;
                column.Nulls?[index] = true;
                column.SetDefault(index);
            }

            if (_steps[step].Member.Kind == MemberKind.List)
            {
                return;
            }
        }
    }
}
