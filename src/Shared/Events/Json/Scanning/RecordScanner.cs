using System.Runtime.CompilerServices;

namespace Lambda.Events.Json.Scanning;

/// <summary>
/// Decodes records that are written as the last ones were: flat objects with the same members in the same order, the same white space, and no escapes.
/// Takes a record only when the full decoder would, with the same columns; whatever is out of the ordinary is left to that. Not safe for use by
/// several threads at once.
/// </summary>
internal sealed class RecordScanner
{
    private const int MaxMembers = 64;

    private readonly DecodeRules _rules;
    private readonly UnknownMembers? _unknown;
    private readonly ShapeLearner _learner;
    private readonly EventMember[] _nullable;
    private readonly ScanPatience _patience = new();
    private readonly PendingTexts _texts;
    private readonly byte[] _padded = new byte[RecordBytes.BlockLength];

    /// <summary>The bits of the members that a record must have a value for.</summary>
    private readonly ulong _required;

    /// <summary>The batch whose columns the shape is bound to.</summary>
    private EventBatch? _bound;

    private RecordScanner(DecodeRules rules, Projection projection, ScanKind[] kinds, UnknownMembers? unknown)
    {
        _rules = rules;
        _unknown = unknown;
        _learner = new ShapeLearner(projection.Schema, kinds);
        _nullable = [.. projection.Schema.Members.Where(member => member.IsNullable && projection[member] != ColumnForm.Absent)];
        _texts = new PendingTexts(kinds.Length);
        foreach (EventMember member in projection.Schema.Members)
        {
            _required |= !member.IsNullable || member == rules.EventId || member == rules.EventTime ? 1UL << member.Ordinal : 0;
        }
    }

    /// <summary>How many records were taken.</summary>
    public long TakenCount { get; private set; }

    /// <summary>A scanner; null when records of the schema always need the full decoder.</summary>
    public static RecordScanner? For(DecodeRules rules, Projection projection, UnknownMembers? unknown)
    {
        EventSchema schema = projection.Schema;
        return schema.IsFlat && schema.Members.Count <= MaxMembers
            ? new RecordScanner(rules, projection, [.. schema.Members.Select(ScanKinds.Of)], unknown)
            : null;
    }

    /// <summary>Sets the values of one record at a row of a batch; the row's position is the caller's to set.</summary>
    /// <returns>False when the record needs the full decoder; what was set at the row does not count then.</returns>
    public bool TryDecode(ReadOnlySpan<byte> json, int row, long appendedAt, EventBatch destination)
    {
        if (!_patience.IsWorthTrying())
        {
            return false;
        }

        if (_bound != destination)
        {
            _learner.Shape.Bind(destination);
            _bound = destination;
        }

        RecordBytes bytes = json.Length >= RecordBytes.BlockLength ? new RecordBytes(json) : Padded(json);
        ScanOutcome outcome = Scan(bytes, row, destination);
        if (outcome == ScanOutcome.Taken && destination.EventTimes[row] - appendedAt > _rules.MaxFutureSkew)
        {
            outcome = ScanOutcome.OtherValue;
        }

        _patience.Note(outcome);
        if (outcome != ScanOutcome.Taken)
        {
            return false;
        }

        _texts.Intern(bytes, _learner.Shape.Members, row);
        TakenCount++;
        return true;
    }

    /// <summary>Learns from a record that <see cref="TryDecode"/> gave up and the full decoder took.</summary>
    public void Learn(ReadOnlySpan<byte> json)
    {
        if (_patience.WantsShape && _learner.Learn(json))
        {
            _bound = null;
        }
    }

    private RecordBytes Padded(ReadOnlySpan<byte> json)
    {
        Array.Clear(_padded);
        json.CopyTo(_padded);
        return new RecordBytes(_padded, json.Length);
    }

    private ScanOutcome Scan(RecordBytes json, int row, EventBatch destination)
    {
        Span<ExpectedMember> members = _learner.Shape.Members;
        ulong present = 0;
        int position = 0;
        _texts.Clear();
        for (int i = 0; i < members.Length; i++)
        {
            ref ExpectedMember member = ref members[i];
            ref NameLiteral name = ref position == 0 ? ref member.First : ref member.Next;
            if (!name.IsAt(json, position))
            {
                if (member.IsOptional)
                {
                    continue;
                }

                return ScanOutcome.OtherShape;
            }

            int start = position + name.Length;
            position = start;
            if (TryReadValue(json, ref position, ref member, i, row, destination))
            {
                present |= member.Bit;
                continue;
            }

            if (!member.IsOptional || !WordScan.IsNullAt(json, start))
            {
                return ScanOutcome.OtherValue;
            }

            position = start + WordScan.NullLength;
        }

        if (members.IsEmpty || !json.EndsWith(_learner.Shape.Closing, position))
        {
            return ScanOutcome.OtherShape;
        }

        if ((_required & ~present) != 0)
        {
            return ScanOutcome.OtherValue;
        }

        SetNulls(present, row, destination);
        return ScanOutcome.Taken;
    }

    /// <summary>Reads a value that is not null, and sets it at the row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryReadValue(RecordBytes json, ref int position, ref ExpectedMember member, int index, int row, EventBatch destination)
    {
        switch (member.Kind)
        {
            case ScanKind.String:
                return TextScan.TryRead(json, ref position, out int start, out int length) && SetText(json.Slice(start, length), start, member.Column, index, row);
            case ScanKind.Int64:
                return IntegerScan.TryRead(json, ref position, out long whole) && Set(member.Column, row, whole);
            case ScanKind.Timestamp:
                if (!InstantScan.TryRead(json, ref position, out long instant))
                {
                    return false;
                }

                if (member.Member == _rules.EventTime)
                {
                    destination.EventTimes[row] = instant;
                }

                return Set(member.Column, row, instant);
            case ScanKind.Int32:
                return IntegerScan.TryRead(json, ref position, out long number) && (int)number == number && Set(member.Column, row, (int)number);
            case ScanKind.Boolean:
                return WordScan.TryReadBoolean(json, ref position, out bool flag) && Set(member.Column, row, flag);
            default:
                // A copy, as a variable that is passed by reference stays in memory all the time.
                int end = position;
                bool isRead = TryReadLargeValue(json, ref end, ref member, row);
                position = end;
                return isRead;
        }
    }

    private bool TryReadLargeValue(RecordBytes json, ref int position, ref ExpectedMember member, int row) => member.Kind switch
    {
        ScanKind.Double => NumberScan.TryRead(json, ref position, out double real) && Set(member.Column, row, real),
        ScanKind.Decimal => NumberScan.TryRead(json, ref position, out decimal exact) && Set(member.Column, row, exact),
        _ => TrySkip(json, ref position, member.NameLength),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Set<T>(Column? column, int row, T value)
        where T : struct
    {
        if (column is not null)
        {
            ((Column<T>)column).Values[row] = value;
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool SetText(ReadOnlySpan<byte> text, int start, Column? column, int index, int row)
    {
        if (column is DictionaryColumn)
        {
            _texts.Add(index, start, text.Length);
        }
        else if (column is not null)
        {
            ((TextColumn)column).Set(row, text);
        }

        return true;
    }

    /// <summary>Reads the value of a member that the schema does not know, and keeps the member where such members are kept.</summary>
    private bool TrySkip(RecordBytes json, ref int position, int nameLength)
    {
        int start = position;
        if (!TextScan.TryRead(json, ref position, out _, out _) && !NumberScan.TrySkip(json, ref position)
            && !WordScan.TryReadBoolean(json, ref position, out _))
        {
            if (!WordScan.IsNullAt(json, position))
            {
                return false;
            }

            position += WordScan.NullLength;
        }

        _unknown?.Add(json.Slice(start - nameLength, position - start + nameLength));
        return true;
    }

    private void SetNulls(ulong present, int row, EventBatch destination)
    {
        foreach (EventMember member in _nullable)
        {
            Column column = destination[member]!;
            bool isNull = (present & (1UL << member.Ordinal)) == 0;
            column.Nulls![row] = isNull;
            if (isNull)
            {
                column.SetDefault(row);
            }
        }
    }
}
