using Lambda.Events;
using Lambda.Views.Partials;

namespace Lambda.Views.Keys;

/// <summary>The group keys of a view as dense ids, and their ways in and out: from columns of a batch, from and to stored partials, to C# values.</summary>
internal sealed class GroupKeyTable
{
    private readonly IReadOnlyList<KeyDefinition> _definitions;
    private readonly bool _hasNullMask;
    private readonly long[] _parts;
    private KeyTable _keys;

    /// <summary>Null when keys are not one text or two.</summary>
    private readonly TextKeys? _texts;

    public GroupKeyTable(IReadOnlyList<KeyDefinition> definitions, StringDictionary dictionary)
    {
        _definitions = definitions;
        _hasNullMask = definitions.Any(key => key.IsNullable && key.Type != ColumnType.String);
        _parts = new long[definitions.Count + (_hasNullMask ? 1 : 0)];
        _keys = new KeyTable(_parts.Length);
        _texts = definitions.Count is 1 or 2 && definitions.All(key => key.Type == ColumnType.String) ? new TextKeys(definitions.Count) : null;
        Dictionary = dictionary;
    }

    /// <summary>What string parts are ids of.</summary>
    public StringDictionary Dictionary { get; private set; }

    /// <summary>The number of keys.</summary>
    public int Count => _keys.Count;

    /// <summary>Roughly how many bytes the table holds; the dictionary aside, which others share.</summary>
    public long ByteCount => _keys.ByteCount + (_texts?.ByteCount ?? 0);

    /// <summary>Per place the id of its key.</summary>
    /// <param name="columns">Per part the values as 64 bits.</param>
    /// <param name="nulls">Per part whether a value is null.</param>
    /// <param name="ids">Takes the ids; as many as it is long.</param>
    public void FindOrAdd(long[][] columns, bool[][] nulls, Span<int> ids)
    {
        // Ids of texts are small and dense, so that a table over them takes the place of a hash table, as long as it is not too large.
        if (_texts is { } texts && texts.Covers(Dictionary.Count))
        {
            FindTexts(texts, columns, nulls, ids);
            return;
        }

        for (int place = 0; place < ids.Length; place++)
        {
            ids[place] = Find(columns, nulls, place);
        }
    }

    /// <summary>The id of the key of a stored partial.</summary>
    public int FindOrAdd(PartialBatch partials, int row)
    {
        Array.Clear(_parts);
        for (int i = 0; i < _definitions.Count; i++)
        {
            ColumnBuffer column = partials.Keys[i];
            if (column.IsNull(row))
            {
                if (column.Type != ColumnType.String)
                {
                    _parts[^1] |= 1L << i;
                }

                continue;
            }

            _parts[i] = column switch
            {
                ColumnBuffer<string> strings => Dictionary.Intern(strings[row]),
                ColumnBuffer<bool> booleans => booleans[row] ? 1 : 0,
                ColumnBuffer<int> integers => integers[row],
                _ => ((ColumnBuffer<long>)column)[row],
            };
        }

        return _keys.FindOrAdd(_parts);
    }

    /// <summary>Adds a key to the key columns of stored partials.</summary>
    public void Write(int id, PartialBatch destination)
    {
        ReadOnlySpan<long> encoded = _keys.Parts(id);
        for (int i = 0; i < _definitions.Count; i++)
        {
            WritePart(encoded, i, destination.Keys[i]);
        }
    }

    /// <summary>Adds keys to columns, one per part.</summary>
    public void Write(ReadOnlySpan<int> ids, IReadOnlyList<ColumnBuffer> destination)
    {
        for (int part = 0; part < _definitions.Count; part++)
        {
            if (destination[part] is ColumnBuffer<string> strings)
            {
                WriteStrings(ids, part, strings);
                continue;
            }

            foreach (int id in ids)
            {
                WritePart(_keys.Parts(id), part, destination[part]);
            }
        }
    }

    /// <summary>The parts of a key as C# values, strings as <see cref="string"/>, instants as microseconds.</summary>
    public GroupKey Get(int id)
    {
        object?[] parts = new object?[_definitions.Count];
        ReadOnlySpan<long> encoded = _keys.Parts(id);
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = IsNull(encoded, i) ? null : Decode(_definitions[i].Type, encoded[i]);
        }

        return new GroupKey(parts);
    }

    /// <summary>Removes all keys and goes on with another dictionary.</summary>
    public void Reset(StringDictionary dictionary)
    {
        Dictionary = dictionary;
        _keys = new KeyTable(_parts.Length);
        _texts?.Clear();
    }

    private int Find(long[][] columns, bool[][] nulls, int place)
    {
        long mask = 0;
        for (int part = 0; part < columns.Length; part++)
        {
            bool isNull = _definitions[part].IsNullable && nulls[part][place];
            _parts[part] = isNull ? 0 : columns[part][place];
            mask |= isNull ? 1L << part : 0;
        }

        if (_hasNullMask)
        {
            _parts[^1] = mask;
        }

        return _keys.FindOrAdd(_parts);
    }

    private void FindTexts(TextKeys texts, long[][] columns, bool[][] nulls, Span<int> ids)
    {
        ReadOnlySpan<long> first = columns[0].AsSpan(0, ids.Length);
        if (columns.Length == 1)
        {
            Span<int> ofOne = texts.OfOne;
            for (int place = 0; place < first.Length; place++)
            {
                ref int known = ref ofOne[(int)first[place]];
                if (known == 0)
                {
                    known = Find(columns, nulls, place) + 1;
                }

                ids[place] = known - 1;
            }

            return;
        }

        ReadOnlySpan<long> second = columns[1].AsSpan(0, ids.Length);
        for (int place = 0; place < first.Length; place++)
        {
            ref int known = ref texts[(int)first[place], (int)second[place]];
            if (known == 0)
            {
                known = Find(columns, nulls, place) + 1;
            }

            ids[place] = known - 1;
        }
    }

    private void WritePart(ReadOnlySpan<long> encoded, int part, ColumnBuffer column)
    {
        if (IsNull(encoded, part))
        {
            column.AddNull();
            return;
        }

        switch (column)
        {
            case ColumnBuffer<string> strings:
                strings.Add(Dictionary.GetString((int)encoded[part])!);
                break;
            case ColumnBuffer<bool> booleans:
                booleans.Add(encoded[part] != 0);
                break;
            case ColumnBuffer<int> integers:
                integers.Add((int)encoded[part]);
                break;
            default:
                ((ColumnBuffer<long>)column).Add(encoded[part]);
                break;
        }
    }

    private void WriteStrings(ReadOnlySpan<int> ids, int part, ColumnBuffer<string> destination)
    {
        foreach (int id in ids)
        {
            if (Dictionary.GetString((int)_keys.Parts(id)[part]) is { } text)
            {
                destination.Add(text);
            }
            else
            {
                destination.AddNull();
            }
        }
    }

    private bool IsNull(ReadOnlySpan<long> encoded, int part) => _definitions[part].Type == ColumnType.String
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
