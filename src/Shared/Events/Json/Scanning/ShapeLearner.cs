using System.Text.Json;

namespace Lambda.Events.Json.Scanning;

/// <summary>
/// Learns the shape of records from one that was decoded in full. Members that it lacks keep the places that they had in the shape before, so that
/// records that leave out what is null soon have one shape.
/// </summary>
internal sealed class ShapeLearner(EventSchema schema, ScanKind[] kinds)
{
    private const int MaxMembers = 256;

    private readonly MemberTable _table = new(schema.Members);
    private readonly List<Part> _parts = [];
    private byte[] _scratch = new byte[256];
    private RecordShape _spare = new(kinds);

    /// <summary>What was learnt last.</summary>
    public RecordShape Shape { get; private set; } = new(kinds);

    /// <summary>Learns from a well-formed record; leaves the shape as it was when records like that cannot be scanned.</summary>
    /// <returns>Whether there is a new shape.</returns>
    public bool Learn(ReadOnlySpan<byte> json)
    {
        if (!TryFindParts(json) || !TryBuild(json))
        {
            return false;
        }

        (Shape, _spare) = (_spare, Shape);
        return true;
    }

    private bool TryFindParts(ReadOnlySpan<byte> json)
    {
        _parts.Clear();
        Utf8JsonReader reader = new(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            int nameStart = (int)reader.TokenStartIndex;
            EventMember? member = _table.Find(Name(ref reader), _parts.Count) is { } place ? _table[place] : null;
            reader.Read();
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray || _parts.Count == MaxMembers
                || (member is not null && Has(member)))
            {
                return false;
            }

            _parts.Add(new Part(member, nameStart, (int)reader.TokenStartIndex, (int)reader.BytesConsumed));
        }

        return _parts.Count > 0;
    }

    private bool TryBuild(ReadOnlySpan<byte> json)
    {
        ReadOnlySpan<byte> opening = json[.._parts[0].NameStart];
        ReadOnlySpan<byte> separator = _parts.Count == 1 ? ","u8 : json[_parts[0].ValueEnd.._parts[1].NameStart];
        _spare.Clear();
        bool isBuilt = TryKeepAfter(null, opening, separator);
        for (int i = 0; i < _parts.Count && isBuilt; i++)
        {
            Part part = _parts[i];
            isBuilt = (i == 0 || json[_parts[i - 1].ValueEnd..part.NameStart].SequenceEqual(separator))
                && _spare.TryAdd(part.Member, opening, separator, json[part.NameStart..part.ValueStart])
                && (part.Member is null || TryKeepAfter(part.Member, opening, separator));
        }

        return isBuilt && _spare.TryClose(json[_parts[^1].ValueEnd..]);
    }

    /// <summary>Adds those members that the record lacks and that stood behind a member, or at the beginning, in the shape before.</summary>
    private bool TryKeepAfter(EventMember? member, ReadOnlySpan<byte> opening, ReadOnlySpan<byte> separator)
    {
        bool isBehind = member is null;
        foreach (ref ExpectedMember before in Shape.Members)
        {
            if (before.Member is { } known)
            {
                bool isLacking = !Has(known);
                if (isBehind && (!isLacking || !_spare.TryAdd(known, opening, separator, before.Name)))
                {
                    return !isLacking;
                }

                isBehind |= known == member;
            }
        }

        return true;
    }

    private bool Has(EventMember member)
    {
        foreach (Part part in _parts)
        {
            if (part.Member == member)
            {
                return true;
            }
        }

        return false;
    }

    private ReadOnlySpan<byte> Name(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return reader.ValueSpan;
        }

        if (_scratch.Length < reader.ValueSpan.Length)
        {
            _scratch = new byte[reader.ValueSpan.Length];
        }

        return _scratch.AsSpan(0, reader.CopyString(_scratch));
    }

    /// <summary>Where a member stands in the record: the name with its quote from one position, the value from another to a third.</summary>
    private readonly record struct Part(EventMember? Member, int NameStart, int ValueStart, int ValueEnd);
}
