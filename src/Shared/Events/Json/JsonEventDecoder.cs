using System.Text.Json;
using System.Text.Unicode;
using Lambda.Events.Json.Scanning;
using Lambda.Events.Texts;

namespace Lambda.Events.Json;

/// <summary>
/// Decodes JSON records straight into columns. Every member is checked, also those that the projection leaves out, so that a record is
/// refused or taken alike in all layers. Agrees with System.Text.Json on what is well-formed; refuses what would silently become a default.
/// Not safe for use by several threads at once.
/// </summary>
internal sealed class JsonEventDecoder
{
    private const int MaxDepth = 64;
    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = MaxDepth };

    private readonly DecodeRules _rules;

    /// <summary>An array, as going through the schema's list would allocate an enumerator per record.</summary>
    private readonly EventMember[] _schemaMembers;
    private readonly MemberTable _members;

    /// <summary>Per member whether the record being decoded has a value for it.</summary>
    private readonly bool[] _hasValue;
    private readonly UnknownMembers? _unknown;
    private readonly byte[] _normalized = new byte[TextForm.MaxBytes];

    /// <summary>Tried first; null when the schema's records always need the full decoder.</summary>
    private readonly RecordScanner? _scanner;
    private byte[] _scratch = new byte[256];

    /// <param name="rules">What makes a record good.</param>
    /// <param name="projection">Which members the batches carry.</param>
    /// <param name="unknown">Collects members that the schema does not know; null to pass them over.</param>
    public JsonEventDecoder(DecodeRules rules, Projection projection, UnknownMembers? unknown = null)
        : this(rules, projection, unknown, RecordScanner.For(rules, projection, unknown))
    {
    }

    private JsonEventDecoder(DecodeRules rules, Projection projection, UnknownMembers? unknown, RecordScanner? scanner)
    {
        _rules = rules;
        _schemaMembers = [.. projection.Schema.Members];
        _unknown = unknown;
        _members = new MemberTable(projection.Schema);
        _hasValue = new bool[projection.Schema.Members.Count];
        _scanner = scanner;
    }

    /// <summary>How many records the scanner has taken; the others were decoded in full.</summary>
    public long ScannedCount => _scanner?.TakenCount ?? 0;

    /// <summary>A decoder that decodes every record in full: what the scanner is held against.</summary>
    /// <inheritdoc cref="JsonEventDecoder(DecodeRules, Projection, UnknownMembers?)"/>
    public static JsonEventDecoder InFull(DecodeRules rules, Projection projection, UnknownMembers? unknown = null) =>
        new(rules, projection, unknown, scanner: null);

    /// <summary>Adds one record to a batch whose projection is the decoder's.</summary>
    /// <returns>Null when it was added; otherwise why it was not, and the batch is as before.</returns>
    public Refusal? Decode(ReadOnlySpan<byte> json, int partition, long offset, long appendedAt, EventBatch destination)
    {
        int row = destination.Count;
        destination.EnsureCapacity(row + 1);
        _unknown?.StartRow(row);
        if (_scanner is null || !_scanner.TryDecode(json, row, appendedAt, destination))
        {
            if (DecodeInFull(json, row, appendedAt, destination) is { } refusal)
            {
                return refusal;
            }

            _scanner?.Learn(json);
        }

        destination.Partitions[row] = partition;
        destination.Offsets[row] = offset;
        destination.AppendedAt[row] = appendedAt;
        _unknown?.EndRow(row);
        destination.Count = row + 1;
        return null;
    }

    private Refusal? DecodeInFull(ReadOnlySpan<byte> json, int row, long appendedAt, EventBatch destination)
    {
        Array.Clear(_hasValue);
        _unknown?.StartRow(row);
        try
        {
            return ReadObject(json, destination, row) ?? Complete(destination, row, appendedAt);
        }
        catch (JsonException error)
        {
            return new Refusal(RejectReason.Malformed, error.Message);
        }
        catch (InvalidOperationException error)
        {
            // Utf8JsonReader throws this for strings that cannot be transcoded, such as half a surrogate pair.
            return new Refusal(RejectReason.Malformed, error.Message);
        }
    }

    private Refusal? ReadObject(ReadOnlySpan<byte> json, EventBatch destination, int row)
    {
        if (json.IsEmpty)
        {
            return new Refusal(RejectReason.Malformed, "The record is empty.");
        }

        // The reader lets bytes that are not UTF-8 pass inside strings.
        if (!Utf8.IsValid(json))
        {
            return new Refusal(RejectReason.Malformed, "The record is not valid UTF-8.");
        }

        Utf8JsonReader reader = new(json, ReaderOptions);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return new Refusal(RejectReason.Malformed, $"The record is not a JSON object but begins with {reader.TokenType}.");
        }

        int expected = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            EventMember? member = _members.Find(Text(ref reader), expected);
            if (member is null)
            {
                ReadUnknown(ref reader, json);
                continue;
            }

            expected = member.Ordinal + 1;
            reader.Read();
            if (ReadMember(ref reader, member, destination, row) is { } refusal)
            {
                return refusal;
            }
        }

        // One more read refuses anything but white space behind the object.
        reader.Read();
        return null;
    }

    private void ReadUnknown(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        if (_unknown is null)
        {
            reader.Skip();
            return;
        }

        int start = (int)reader.TokenStartIndex;
        reader.Skip();
        ReadOnlySpan<byte> source = json[start..(int)reader.BytesConsumed];
        _unknown.Add(source);
    }

    private Refusal? ReadMember(ref Utf8JsonReader reader, EventMember member, EventBatch destination, int row)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            // A later member of the same name wins, null or not; but one that may not be null is refused at once, like any other wrong value.
            _hasValue[member.Ordinal] = false;
            return member.IsNullable ? null : Missing(member);
        }

        Column? column = destination[member];
        bool isRead = member.Type switch
        {
            ColumnType.Boolean => ReadBoolean(ref reader, column, row),
            ColumnType.Int32 => Set(JsonNumber.TryRead(ref reader, member.PlainType, out int value), value, column, row),
            ColumnType.Int64 => Set(JsonNumber.TryRead(ref reader, member.PlainType, out long value), value, column, row),
            ColumnType.Double => Set(JsonNumber.TryRead(ref reader, member.PlainType, out double value), value, column, row),
            ColumnType.Decimal => reader.TokenType == JsonTokenType.Number && Set(reader.TryGetDecimal(out decimal value), value, column, row),
            ColumnType.Timestamp => ReadTimestamp(ref reader, member, column, destination, row),
            _ => ReadString(ref reader, member, column, row),
        };
        if (!isRead)
        {
            return Refuse(ref reader, member);
        }

        _hasValue[member.Ordinal] = true;
        return null;
    }

    private static bool ReadBoolean(ref Utf8JsonReader reader, Column? column, int row) =>
        reader.TokenType is JsonTokenType.True or JsonTokenType.False && Set(true, reader.TokenType == JsonTokenType.True, column, row);

    private bool ReadTimestamp(ref Utf8JsonReader reader, EventMember member, Column? column, EventBatch destination, int row)
    {
        if (!JsonTimestamp.TryRead(ref reader, out long microseconds))
        {
            return false;
        }

        if (member == _rules.EventTime)
        {
            destination.EventTimes[row] = microseconds;
        }

        return Set(true, microseconds, column, row);
    }

    private bool ReadString(ref Utf8JsonReader reader, EventMember member, Column? column, int row)
    {
        ReadOnlySpan<byte> text;
        if (reader.TokenType == JsonTokenType.String)
        {
            text = Text(ref reader);
            if (member.Form is { } form && !form.TryNormalize(text, _normalized, out text))
            {
                return false;
            }
        }
        else if (reader.TokenType != JsonTokenType.Number || member.Form is not { } numbered
            || !reader.TryGetInt64(out long number) || !numbered.TryNormalize(number, out text))
        {
            return false;
        }

        switch (column)
        {
            case TextColumn plain:
                plain.Set(row, text);
                break;
            case DictionaryColumn strings:
                strings.Ids[row] = strings.Dictionary.Intern(text);
                break;
        }

        return true;
    }

    private static bool Set<T>(bool isRead, T value, Column? column, int row)
        where T : struct
    {
        if (isRead && column is not null)
        {
            ((Column<T>)column).Values[row] = value;
        }

        return isRead;
    }

    /// <summary>The token's text, unescaped; valid until the next call.</summary>
    private ReadOnlySpan<byte> Text(scoped ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return reader.ValueSpan;
        }

        if (_scratch.Length < reader.ValueSpan.Length)
        {
            _scratch = new byte[reader.ValueSpan.Length * 2];
        }

        return _scratch.AsSpan(0, reader.CopyString(_scratch));
    }

    private Refusal Refuse(ref Utf8JsonReader reader, EventMember member)
    {
        string found = reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray
            ? reader.TokenType.ToString()
            : Excerpt.Of(reader.ValueSpan);
        return member == _rules.EventTime
            ? new Refusal(RejectReason.InvalidEventTime, $"Member '{member.JsonName}', the event time, is no instant of the years 1 to 9999: {found}.")
            : new Refusal(RejectReason.WrongType, $"Member '{member.JsonName}' is not a {Wanted(member)} in its range: {found}.");
    }

    private static string Wanted(EventMember member) => member.FillsColumn ? member.Type.ToString() : member.PlainType.Name;

    /// <summary>Sets what the record left out, and judges the record as a whole.</summary>
    private Refusal? Complete(EventBatch destination, int row, long appendedAt)
    {
        foreach (EventMember member in _schemaMembers)
        {
            bool hasValue = _hasValue[member.Ordinal];
            if (destination[member] is { Nulls: { } nulls } column)
            {
                nulls[row] = !hasValue;
                if (!hasValue)
                {
                    column.SetDefault(row);
                }
            }

            if (!hasValue && (!member.IsNullable || member == _rules.EventId))
            {
                return Missing(member);
            }
        }

        long ahead = destination.EventTimes[row] - appendedAt;
        return ahead > _rules.MaxFutureSkew
            ? new Refusal(
                RejectReason.FutureEventTime,
                $"Member '{_rules.EventTime.JsonName}', the event time, is {TimeSpan.FromMicroseconds(ahead)} ahead of the time at which the log took the "
                + $"record; the stream allows {TimeSpan.FromMicroseconds(_rules.MaxFutureSkew)}.")
            : null;
    }

    private Refusal Missing(EventMember member) => member == _rules.EventTime
        ? new Refusal(RejectReason.InvalidEventTime, $"Member '{member.JsonName}', the event time, is missing or null.")
        : new Refusal(RejectReason.MissingMember, $"Member '{member.JsonName}' is missing or null.");
}
