using System.Text;
using Lambda.Events;
using Lambda.Events.Json;

namespace Lambda.Tests.Kernel.Json.Fuzzing;

/// <summary>
/// Decodes records by the decoder as it is used, and by one that decodes all in full, and compares refusals, columns to the bit, dictionaries and
/// unknown members; and both with <see cref="DocumentOracle"/>. Rows stay in the batches for a while, so that a record that spoils an earlier row is
/// seen.
/// </summary>
internal sealed class DecoderPair
{
    private const int RowsKept = 24;

    private readonly JsonEventDecoder _usual;
    private readonly JsonEventDecoder _full;
    private readonly EventBatch _batch;
    private readonly EventBatch _expected;
    private readonly UnknownMembers? _unknown;
    private readonly UnknownMembers? _expectedUnknown;
    private readonly DocumentOracle _oracle;
    private readonly List<byte[]> _rows = [];
    private readonly long _appendedAt;

    /// <param name="fuzzed">The event type.</param>
    /// <param name="projection">What the batches carry.</param>
    /// <param name="keepsUnknown">Whether members that the schema does not know are kept.</param>
    /// <param name="appendedAt">When the records are said to be appended; events may be up to an hour ahead.</param>
    public DecoderPair(FuzzedEvent fuzzed, Projection projection, bool keepsUnknown, long appendedAt)
    {
        const long MaxFutureSkew = 3_600_000_000;
        DecodeRules rules = new(fuzzed.Time, fuzzed.Id, MaxFutureSkew);
        _appendedAt = appendedAt;
        _unknown = keepsUnknown ? new UnknownMembers() : null;
        _expectedUnknown = keepsUnknown ? new UnknownMembers() : null;
        _usual = new JsonEventDecoder(rules, projection, _unknown);
        _full = JsonEventDecoder.InFull(rules, projection, _expectedUnknown);
        _batch = new EventBatch(projection, new StringDictionary());
        _expected = new EventBatch(projection, new StringDictionary());
        _oracle = new DocumentOracle(fuzzed, appendedAt + MaxFutureSkew);
    }

    public long Taken { get; private set; }

    public long Scanned => _usual.ScannedCount;

    /// <summary>Says in words what differs over a record, given twice: in memory that is guarded, and as an array; null when all agree.</summary>
    public string? Difference(ReadOnlySpan<byte> guarded, byte[] json)
    {
        int row = _batch.Count;
        Refusal? refusal = _usual.Decode(guarded, 3, Taken, _appendedAt, _batch);
        Refusal? expected = _full.Decode(json, 3, Taken, _appendedAt, _expected);
        if (refusal != expected)
        {
            return $"the decoder says {Words(refusal)}, decoding in full says {Words(expected)}";
        }

        object?[]? values = _oracle.Read(json);
        if (refusal is null != values is not null)
        {
            return $"the decoder says {Words(refusal)}, System.Text.Json {(values is null ? "refuses" : "takes it")}";
        }

        if (values is null)
        {
            return _batch.Count == row ? null : "a refused record is counted";
        }

        Taken++;
        _rows.Add(json);
        return _batch.Count == row + 1 ? OracleDifference(row, values) ?? (_rows.Count == RowsKept ? Flush() : null) : "a record is not counted";
    }

    /// <summary>Compares the rows kept, and starts afresh.</summary>
    public string? Flush()
    {
        string? difference = _batch.Dictionary.Count == _expected.Dictionary.Count ? null : "the dictionaries differ";
        for (int row = 0; row < _rows.Count; row++)
        {
            difference ??= RowDifference(row) is { } found ? $"{found} in {Encoding.UTF8.GetString(_rows[row])}" : null;
        }

        _rows.Clear();
        _batch.Clear();
        _expected.Clear();
        return difference;
    }

    private string? OracleDifference(int row, object?[] values)
    {
        foreach (EventMember member in _batch.Projection.Schema.Members)
        {
            if (_batch[member] is { } column && ColumnCell.Of(column, row) is var got && !Equals(got, values[member.Ordinal]))
            {
                return $"{member} is {got ?? "null"}, by System.Text.Json {values[member.Ordinal] ?? "null"},";
            }
        }

        return null;
    }

    private string? RowDifference(int row)
    {
        foreach (EventMember member in _batch.Projection.Schema.Members)
        {
            if (_batch[member] is not { } column)
            {
                continue;
            }

            Column expected = _expected[member]!;
            bool isSame = column.Nulls?[row] == expected.Nulls?[row] && Equals(ColumnCell.ValueOf(column, row), ColumnCell.ValueOf(expected, row))
                && (column is not DictionaryColumn texts || texts.Ids[row] == ((DictionaryColumn)expected).Ids[row]);
            if (!isSame)
            {
                return $"{member} is {ColumnCell.Of(column, row) ?? "null"}, decoded in full {ColumnCell.Of(expected, row) ?? "null"},";
            }
        }

        return _batch.EventTimes[row] != _expected.EventTimes[row] ? "the event time differs"
            : _batch.Partitions[row] != _expected.Partitions[row] || _batch.Offsets[row] != _expected.Offsets[row] ? "the position differs"
            : _batch.AppendedAt[row] != _expected.AppendedAt[row] ? "the append time differs"
            : _unknown is not null && !_unknown[row].SequenceEqual(_expectedUnknown![row]) ? "the unknown members differ"
            : null;
    }

    private static string Words(Refusal? refusal) => refusal is { } given ? $"'{given.Detail}'" : "nothing";
}
