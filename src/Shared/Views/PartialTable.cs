using Lambda.Aggregation;
using Lambda.Events;
using Lambda.Windows;

namespace Lambda.Views;

/// <summary>
/// Partials of one view in memory: what an operator adds events to, and what stored partials are merged in. Not safe for use by several
/// threads at once.
/// </summary>
internal sealed class PartialTable
{
    private readonly ViewDefinition _view;
    private readonly ISlicing _slicing;
    private readonly AggregateState[] _states;
    private readonly bool _hasNullMask;
    private readonly long[] _keyParts;

    public PartialTable(ViewDefinition view, StringDictionary dictionary)
    {
        _view = view;
        _slicing = view.Window.Slicing;
        _states = [.. view.Aggregates.Select(aggregate => aggregate.Function.CreateState())];
        _hasNullMask = view.Keys.Any(key => key.IsNullable && key.Type != ColumnType.String);
        _keyParts = new long[view.Keys.Count + (_hasNullMask ? 1 : 0)];
        Dictionary = dictionary;
        Keys = new KeyTable(_keyParts.Length);
    }

    /// <summary>What string parts of keys are ids of.</summary>
    public StringDictionary Dictionary { get; private set; }

    /// <summary>The keys seen.</summary>
    public KeyTable Keys { get; private set; }

    /// <summary>The addresses seen.</summary>
    public SlotTable Slots { get; } = new();

    /// <summary>One column of accumulators per aggregate, indexed by slot.</summary>
    public IReadOnlyList<AggregateState> States => _states;

    /// <summary>Whether keys carry a part that says which others are null.</summary>
    public bool HasNullMask => _hasNullMask;

    /// <summary>Roughly how many bytes the table holds; the dictionary aside, which others share.</summary>
    public long ByteCount => Keys.ByteCount + Slots.ByteCount + (Slots.Count * 32L * _states.Length);

    /// <summary>Makes room in the columns of accumulators for every slot.</summary>
    public void EnsureStates()
    {
        foreach (AggregateState state in _states)
        {
            state.EnsureSlots(Slots.Count);
        }
    }

    /// <summary>Merges partials, whatever partition, epoch or generation they are of.</summary>
    public void Merge(PartialBatch partials)
    {
        StateReader reader = new(partials.States);
        int firstColumn = 0;
        int[] slots = new int[partials.Count];
        for (int row = 0; row < partials.Count; row++)
        {
            int key = FindKey(partials, row);
            slots[row] = Slots.FindOrAdd(key, partials.Starts[row], partials.Missed[row], partials.EventCounts[row]);
        }

        EnsureStates();
        for (int i = 0; i < _states.Length; i++)
        {
            for (int row = 0; row < slots.Length; row++)
            {
                reader.MoveTo(row, firstColumn);
                _states[i].Merge(slots[row], reader);
            }

            firstColumn += _view.Aggregates[i].Function.StateColumns.Count;
        }
    }

    /// <summary>Adds the partials touched since the last export to a batch.</summary>
    public void ExportTouched(PartialBatch destination)
    {
        Export(Slots.Touched, destination);
        Slots.ForgetTouched();
    }

    /// <summary>Adds all partials to a batch.</summary>
    public void ExportAll(PartialBatch destination) => Export([.. Enumerable.Range(0, Slots.Count)], destination);

    /// <summary>The parts of a key as C# values, strings as <see cref="string"/>, instants as microseconds.</summary>
    public GroupKey GetKey(int key)
    {
        object?[] parts = new object?[_view.Keys.Count];
        ReadOnlySpan<long> encoded = Keys.Parts(key);
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = IsNull(encoded, i) ? null : Decode(_view.Keys[i].Type, encoded[i]);
        }

        return new GroupKey(parts);
    }

    /// <summary>Removes everything and goes on with another dictionary.</summary>
    public void Reset(StringDictionary dictionary)
    {
        Dictionary = dictionary;
        Keys = new KeyTable(_keyParts.Length);
        Slots.Clear();
        foreach (AggregateState state in _states)
        {
            state.Clear();
        }
    }

    private void Export(ReadOnlySpan<int> slots, PartialBatch destination)
    {
        StateWriter writer = new(destination.States);
        foreach (int slot in slots)
        {
            SlotTable.Address address = Slots[slot];
            WriteKey(address.Key, destination);
            destination.Starts.Add(address.SliceStart);
            destination.Ends.Add(_slicing.SliceEnd(address.SliceStart));
            destination.Missed.Add(address.Missed);
            destination.EventCounts.Add(Slots.EventCount(slot));
            writer.StartRow();
            foreach (AggregateState state in _states)
            {
                state.Write(slot, writer);
            }
        }
    }

    private void WriteKey(int key, PartialBatch destination)
    {
        ReadOnlySpan<long> encoded = Keys.Parts(key);
        for (int i = 0; i < _view.Keys.Count; i++)
        {
            ColumnBuffer column = destination.Keys[i];
            if (IsNull(encoded, i))
            {
                column.AddNull();
                continue;
            }

            switch (column)
            {
                case ColumnBuffer<string> strings:
                    strings.Add(Dictionary.GetString((int)encoded[i])!);
                    break;
                case ColumnBuffer<bool> booleans:
                    booleans.Add(encoded[i] != 0);
                    break;
                case ColumnBuffer<int> integers:
                    integers.Add((int)encoded[i]);
                    break;
                default:
                    ((ColumnBuffer<long>)column).Add(encoded[i]);
                    break;
            }
        }
    }

    private int FindKey(PartialBatch partials, int row)
    {
        Array.Clear(_keyParts);
        for (int i = 0; i < _view.Keys.Count; i++)
        {
            ColumnBuffer column = partials.Keys[i];
            if (column.IsNull(row))
            {
                if (column.Type != ColumnType.String)
                {
                    _keyParts[^1] |= 1L << i;
                }

                continue;
            }

            _keyParts[i] = column switch
            {
                ColumnBuffer<string> strings => Dictionary.Intern(strings[row]),
                ColumnBuffer<bool> booleans => booleans[row] ? 1 : 0,
                ColumnBuffer<int> integers => integers[row],
                _ => ((ColumnBuffer<long>)column)[row],
            };
        }

        return Keys.FindOrAdd(_keyParts);
    }

    private bool IsNull(ReadOnlySpan<long> encoded, int part) => _view.Keys[part].Type == ColumnType.String
        ? encoded[part] == StringDictionary.Null
        : _hasNullMask && (encoded[^1] >> part & 1) != 0;

    private object? Decode(ColumnType type, long encoded) => type switch
    {
        ColumnType.String => Dictionary.GetString((int)encoded),
        ColumnType.Boolean => encoded != 0,
        ColumnType.Int32 => (int)encoded,
        _ => encoded,
    };
}
