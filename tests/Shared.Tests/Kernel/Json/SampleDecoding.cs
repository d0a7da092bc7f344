using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Lambda.Events;
using Lambda.Events.Json;
using Lambda.TestSupport.Oracle;
using Lambda.Time;
using Xunit;

namespace Lambda.Tests.Kernel.Json;

/// <summary>
/// Decodes the same records by the kernel, into text and into dictionary columns, and by System.Text.Json, and compares. Rows stay in the batches for a
/// while, so that a refused record that spoils an earlier row is seen.
/// </summary>
internal sealed class SampleDecoding
{
    private const int RowsKept = 32;
    private static readonly EventSchema Schema = Sample.Stream.Schema;

    private readonly UnknownMembers _unknown = new();
    private readonly JsonEventDecoder _everything;
    private readonly JsonEventDecoder _some;
    private readonly EventBatch _all = new(Projection.Everything(Schema), new StringDictionary());
    private readonly EventBatch _projected;
    private readonly RecordKeyReader _keys = new(Schema, Schema.Find(nameof(Sample.Text)));
    private readonly List<(byte[] Json, Sample Expected, string Unknown)> _rows = [];

    public SampleDecoding()
    {
        Projection some = Projection.Of(Schema, Schema.Members.Where(member => member.Ordinal % 3 != 0));
        _projected = new EventBatch(some, _all.Dictionary);
        _everything = new JsonEventDecoder(Sample.Rules, _all.Projection, _unknown);
        _some = new JsonEventDecoder(Sample.Rules, some);
    }

    public int Accepted { get; private set; }

    public int Refused { get; private set; }

    /// <summary>Says in words how the decoders differ over a record; null when they agree.</summary>
    public string? Difference(byte[] json)
    {
        Sample? expected = Expected(json);
        int count = _all.Count;
        Refusal? refusal = _everything.Decode(json, 0, count, UtcMicroseconds.MaxValue, _all);
        Refusal? second = _some.Decode(json, 0, count, UtcMicroseconds.MaxValue, _projected);
        string key = Encoding.UTF8.GetString(_keys.Read(json));
        if (refusal != second)
        {
            return $"the projections disagree: {refusal} and {second}";
        }

        if (refusal is null != expected is not null)
        {
            return refusal is null ? "taken, but System.Text.Json refuses" : $"refused, but System.Text.Json takes: {refusal}";
        }

        if (_all.Count != count + (refusal is null ? 1 : 0) || _projected.Count != _all.Count)
        {
            return $"the batches have {_all.Count} and {_projected.Count} rows after {count}";
        }

        if (expected is null)
        {
            Refused++;
            return string.IsNullOrWhiteSpace(refusal!.Value.Detail) ? "no reason is given" : null;
        }

        Accepted++;
        _rows.Add((json, expected, Unknown(json)));
        return key != (expected.Text ?? "") ? $"the key is '{key}', not '{expected.Text}'"
            : _rows.Count >= RowsKept ? Flush() : null;
    }

    /// <summary>Compares the rows kept, and starts afresh.</summary>
    public string? Flush()
    {
        string? difference = null;
        for (int row = 0; row < _rows.Count; row++)
        {
            (byte[] json, Sample expected, string unknown) = _rows[row];
            difference ??= RowDifference(row, expected, unknown) is { } found ? $"{found} in {Encoding.UTF8.GetString(json)}" : null;
        }

        _rows.Clear();
        _all.Clear();
        _projected.Clear();
        return difference;
    }

    private string? RowDifference(int row, Sample expected, string unknown)
    {
        foreach (EventMember member in Schema.Members)
        {
            object? value = typeof(Sample).GetProperty(member.Name)!.GetValue(expected);
            value = value switch
            {
                DateTimeOffset instant => OracleTime.Microseconds(instant),
                DateTime instant => OracleTime.Microseconds(new DateTimeOffset(instant, TimeSpan.Zero)),
                _ => value,
            };
            string wanted = new OracleRow([value], 0, 0, 0, []).ToString();
            foreach (EventBatch batch in new[] { _all, _projected })
            {
                if (batch[member] is { } column && new OracleRow([Value(column, row)], 0, 0, 0, []).ToString() is var got && got != wanted)
                {
                    return $"{member} is {got}, not {wanted},";
                }
            }
        }

        return _all.EventTimes[row] != OracleTime.Microseconds(expected.Time) ? "the event time differs"
            : Encoding.UTF8.GetString(_unknown[row]) is var kept && kept != unknown ? $"unknown members are '{kept}', not '{unknown}',"
            : null;
    }

    private static object? Value(Column column, int row)
    {
        if (column.Nulls is { } nulls && nulls[row])
        {
            // Who reads the values without the nulls must find a default, not what an earlier batch has left.
            Assert.True(column switch
            {
                Column<int> numbers => numbers.Values[row] == 0,
                Column<long> numbers => numbers.Values[row] == 0,
                Column<double> numbers => numbers.Values[row] == 0,
                Column<decimal> numbers => numbers.Values[row] == 0,
                Column<bool> flags => !flags.Values[row],
                TextColumn text => text.Utf8(row).IsEmpty,
                _ => ((DictionaryColumn)column).Ids[row] == StringDictionary.Null,
            }, $"{column.Member} keeps a value where it is null");
            return null;
        }

        return column switch
        {
            Column<int> numbers => numbers.Values[row],
            Column<long> numbers => numbers.Values[row],
            Column<double> numbers => numbers.Values[row],
            Column<decimal> numbers => numbers.Values[row],
            Column<bool> flags => flags.Values[row],
            TextColumn text => Encoding.UTF8.GetString(text.Utf8(row)),
            DictionaryColumn strings => strings.Dictionary.GetString(strings.Ids[row]),
            _ => throw new InvalidOperationException($"Unknown column {column.GetType()}."),
        };
    }

    private static Sample? Expected(byte[] json)
    {
        try
        {
            return Utf8.IsValid(json) ? JsonSerializer.Deserialize<Sample>(json, Sample.Options) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The members that no property takes, as one object.</summary>
    private static string Unknown(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        List<string> members = [.. document.RootElement.EnumerateObject()
            .Where(member => !Schema.Members.Any(known => string.Equals(known.JsonName, member.Name, StringComparison.OrdinalIgnoreCase)))
            .Select(member => member.ToString())];
        return members.Count == 0 ? "" : $"{{{string.Join(',', members)}}}";
    }
}
