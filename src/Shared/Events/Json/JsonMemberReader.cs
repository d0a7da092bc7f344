using System.Text.Json;

namespace Lambda.Events.Json;

/// <summary>
/// Reads the members of one record at a time into columns: objects and arrays by going into them, values by <see cref="JsonValueReader"/>. What the
/// batch does not carry is read and judged all the same.
/// </summary>
internal sealed class JsonMemberReader
{
    private readonly DecodeRules _rules;

    /// <summary>Arrays, as going through lists would allocate an enumerator per record.</summary>
    private readonly EventMember[] _own;
    private readonly EventMember[][] _children;

    /// <summary>Per object the names of its members.</summary>
    private readonly MemberTable?[] _names;

    /// <summary>Per member whether the object that is being read has a value for it.</summary>
    private readonly bool[] _hasValue;
    private readonly JsonValueReader _values;
    private bool _metUnknown;

    public JsonMemberReader(DecodeRules rules, EventSchema schema)
    {
        _rules = rules;
        _own = [.. schema.Members];
        _children = [.. schema.All.Select(member => member.Children.ToArray())];
        _names = [.. schema.All.Select(member => member.Kind == MemberKind.Object ? new MemberTable(member.Children) : null)];
        _hasValue = new bool[schema.All.Count];
        _values = new JsonValueReader(rules);
    }

    /// <summary>Begins a record.</summary>
    public void Begin()
    {
        Forget(_own);
        _metUnknown = false;
    }

    /// <summary>Whether an object that was read since the last call has members that the schema does not know.</summary>
    public bool TakeMetUnknown()
    {
        bool met = _metUnknown;
        _metUnknown = false;
        return met;
    }

    /// <inheritdoc cref="JsonValueReader.Text"/>
    public ReadOnlySpan<byte> Text(scoped ref Utf8JsonReader reader) => _values.Text(ref reader);

    /// <summary>Reads the value that the reader stands at.</summary>
    /// <param name="reader">Stands at the value's end afterwards.</param>
    /// <param name="member">Whose value it is.</param>
    /// <param name="destination">Where to.</param>
    /// <param name="index">Which row, or element of an array, it is of.</param>
    public Refusal? Read(ref Utf8JsonReader reader, EventMember member, EventBatch destination, int index)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            // A later member of the same name wins, null or not; but one that may not be null is refused at once, like any other wrong value.
            _hasValue[member.Ordinal] = false;
            return member.IsNullable ? null : Missing(member);
        }

        _hasValue[member.Ordinal] = true;
        return member.Kind switch
        {
            MemberKind.Object => ReadObject(ref reader, member, destination, index),
            MemberKind.List => ReadList(ref reader, member, destination, index),
            _ => _values.TryRead(ref reader, member, destination, index) ? null : Refuse(ref reader, member),
        };
    }

    /// <summary>Sets what the event left out, and refuses it when that may not be.</summary>
    public Refusal? Complete(EventBatch destination, int row) => Complete(_own, destination, row);

    private Refusal? ReadObject(ref Utf8JsonReader reader, EventMember member, EventBatch destination, int index)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return Refuse(ref reader, member);
        }

        MemberTable names = _names[member.Ordinal]!;
        Forget(_children[member.Ordinal]);
        int expected = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (names.Find(Text(ref reader), expected) is not { } place)
            {
                _metUnknown = true;
                reader.Skip();
                continue;
            }

            expected = place + 1;
            reader.Read();
            if (Read(ref reader, names[place], destination, index) is { } refusal)
            {
                return refusal;
            }
        }

        return Complete(_children[member.Ordinal], destination, index);
    }

    private Refusal? ReadList(ref Utf8JsonReader reader, EventMember member, EventBatch destination, int index)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return Refuse(ref reader, member);
        }

        ListColumn? list = destination[member] as ListColumn;
        int start = list?.ElementCount ?? 0;
        int count = 0;
        for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; count++)
        {
            list?.EnsureElements(start + count + 1);
            if (Read(ref reader, member.Element, destination, start + count) is { } refusal)
            {
                return refusal;
            }

            Settle(member.Element, destination, start + count);
            list?.ElementCount = start + count + 1;
        }

        if (list is not null)
        {
            (list.Starts[index], list.Lengths[index]) = (start, count);
        }

        return null;
    }

    private void Forget(EventMember[] members)
    {
        foreach (EventMember member in members)
        {
            _hasValue[member.Ordinal] = false;
        }
    }

    private Refusal? Complete(EventMember[] members, EventBatch destination, int index)
    {
        foreach (EventMember member in members)
        {
            Settle(member, destination, index);
            if (!_hasValue[member.Ordinal] && (!member.IsNullable || member == _rules.EventId))
            {
                return Missing(member);
            }
        }

        return null;
    }

    /// <summary>Marks whether the member is null, and sets the defaults that stand beside nulls.</summary>
    private void Settle(EventMember member, EventBatch destination, int index)
    {
        if (!_hasValue[member.Ordinal])
        {
            SetNull(member, destination, index);
        }
        else if (destination[member] is { Nulls: { } nulls })
        {
            nulls[index] = false;
        }
    }

    private void SetNull(EventMember member, EventBatch destination, int index)
    {
        if (destination[member] is { } column)
        {
            column.Nulls?[index] = true;
            column.SetDefault(index);
        }

        if (member.Kind == MemberKind.Object)
        {
            foreach (EventMember child in _children[member.Ordinal])
            {
                SetNull(child, destination, index);
            }
        }
    }

    private Refusal Refuse(ref Utf8JsonReader reader, EventMember member)
    {
        string found = reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray
            ? reader.TokenType.ToString()
            : Excerpt.Of(reader.ValueSpan);
        return member == _rules.EventTime
            ? new Refusal(RejectReason.InvalidEventTime, $"Member '{member.Path}', the event time, is no instant of the years 1 to 9999: {found}.")
            : new Refusal(RejectReason.WrongType, $"Member '{member.Path}' is not {Wanted(member)}: {found}.");
    }

    private static string Wanted(EventMember member) => member.Kind switch
    {
        MemberKind.Object => "an object",
        MemberKind.List => "an array",
        _ => $"a {member.TypeName} in its range",
    };

    private Refusal Missing(EventMember member) => member == _rules.EventTime
        ? new Refusal(RejectReason.InvalidEventTime, $"Member '{member.Path}', the event time, is missing or null.")
        : new Refusal(RejectReason.MissingMember, $"Member '{member.Path}' is missing or null.");
}
