using System.Text;
using Lambda.Batch.History;
using Lambda.Events;
using Lambda.Log;
using Lambda.Time;

namespace Lambda.Batch.Tests.History;

/// <summary>Random readings, and readings as batches.</summary>
internal static class Readings
{
    public static readonly EventSchema Schema = EventSchema.Of(typeof(Reading));
    public static readonly EventMember At = Schema.Find(nameof(Reading.At))!;

    private static readonly string[] Places = ["Zürich", "東京", "😀 emoji", "", "a'b\"c\\", "plain", new string('x', 90), new string('\uFFFD', 40), new string('é', 33)];
    private static readonly long[] Times =
    [
        UtcMicroseconds.MinValue, UtcMicroseconds.MaxValue, 0, -1, 1, -86_400_000_000, -86_400_000_001, 86_399_999_999, 86_400_000_000,
        979_430_400_123_456, -1_234_567_890_123_456,
    ];

    /// <summary>Events at the offsets of a partition from a start on, some offsets left out.</summary>
    public static List<Placed> Random(Random random, int partition, OffsetRange range, bool wild)
    {
        List<Placed> events = [];
        for (long offset = range.Start; offset < range.End; offset++)
        {
            if (random.Next(10) > 0)
            {
                events.Add(new Placed(
                    partition, offset, 1_000_000_000_000_000 + offset, Event(random, $"{partition}-{offset}", wild),
                    random.Next(5) == 0 ? $$"""{"new":{{offset}},"text":"ü"}""" : null));
            }
        }

        return events;
    }

    /// <summary>Events as one batch, in the form that a decoder gives.</summary>
    public static HistoryBatch ToBatch(IReadOnlyList<Placed> events, Projection? projection = null)
    {
        EventBatch batch = new(projection ?? Projection.Everything(Schema), new StringDictionary());
        TextColumn extra = HistoryBatch.CreateExtra();
        batch.EnsureCapacity(Math.Max(1, events.Count));
        extra.EnsureCapacity(Math.Max(1, events.Count));
        for (int row = 0; row < events.Count; row++)
        {
            Placed placed = events[row];
            batch.Partitions[row] = placed.Partition;
            batch.Offsets[row] = placed.Offset;
            batch.AppendedAt[row] = placed.AppendedAt;
            batch.EventTimes[row] = UtcMicroseconds.FromDateTime(placed.Event.At);
            foreach (EventMember member in Schema.Members)
            {
                Set(batch[member]!, row, member.Property.GetValue(placed.Event));
            }

            Set(extra, row, placed.Extra);
        }

        batch.Count = events.Count;
        return new HistoryBatch(batch, extra);
    }

    /// <summary>The events of a batch that has all members.</summary>
    public static IEnumerable<Placed> FromBatch(EventBatch batch)
    {
        for (int row = 0; row < batch.Count; row++)
        {
            object?[] values = [.. Schema.Members.Select(member => Get(batch[member]!, row))];
            Reading reading = (Reading)typeof(Reading).GetConstructors().Single(c => c.GetParameters().Length > 1).Invoke(values);
            Assert.Equal(UtcMicroseconds.FromDateTime(reading.At), batch.EventTimes[row]);
            yield return new Placed(batch.Partitions[row], batch.Offsets[row], batch.AppendedAt[row], reading, null);
        }
    }

    private static Reading Event(Random random, string id, bool wild)
    {
        long time = wild && random.Next(4) == 0
            ? Times[random.Next(Times.Length)]
            : 979_430_400_000_000 + (random.NextInt64(3 * 86_400_000_000) - 86_400_000_000);
        return new Reading(
            UtcMicroseconds.ToDateTime(time),
            id,
            random.Next(4) == 0 ? null : Places[random.Next(Places.Length)],
            random.Next(2) == 0,
            random.Next(3) == 0 ? null : random.Next(2) == 0,
            Pick(random, int.MinValue, int.MaxValue, random.Next(-100, 100)),
            random.Next(3) == 0 ? null : random.Next(),
            Pick(random, long.MinValue, long.MaxValue, random.NextInt64()),
            random.Next(3) == 0 ? null : random.NextInt64(),
            Pick(random, wild ? double.NaN : 0, wild ? double.NegativeInfinity : 1e300, -0.0, double.Epsilon, random.NextDouble() * 100),
            random.Next(3) == 0 ? null : random.NextDouble(),
            Pick(random, decimal.MaxValue, decimal.MinValue, 1.10m, 0.0000000000000000000000000001m, 100.00m, -random.Next() / 100m),
            random.Next(3) == 0 ? null : random.Next() / 1000m,
            random.Next(3) == 0 ? null : UtcMicroseconds.ToDateTime(Times[random.Next(Times.Length)]));
    }

    private static T Pick<T>(Random random, params T[] choices) => choices[random.Next(choices.Length)];

    private static void Set(Column column, int row, object? value)
    {
        column.Nulls?[row] = value is null;
        switch (column)
        {
            case TextColumn text:
                text.Set(row, Encoding.UTF8.GetBytes((string?)value ?? ""));
                break;
            case DictionaryColumn words:
                words.Ids[row] = words.Dictionary.Intern((string?)value);
                break;
            case Column<long> times when column.Member.Type == ColumnType.Timestamp:
                times.Values[row] = value is DateTime time ? UtcMicroseconds.FromDateTime(time) : 0;
                break;
            case Column<bool> values:
                values.Values[row] = value as bool? ?? default;
                break;
            case Column<int> values:
                values.Values[row] = value as int? ?? default;
                break;
            case Column<long> values:
                values.Values[row] = value as long? ?? default;
                break;
            case Column<double> values:
                values.Values[row] = value as double? ?? default;
                break;
            case Column<decimal> values:
                values.Values[row] = value as decimal? ?? default;
                break;
            default:
                throw new InvalidOperationException(column.Member.ToString());
        }
    }

    private static object? Get(Column column, int row) => column.Nulls?[row] == true ? null : column switch
    {
        TextColumn text => Encoding.UTF8.GetString(text.Utf8(row)),
        DictionaryColumn words => words.Dictionary.GetString(words.Ids[row]),
        Column<long> times when column.Member.Type == ColumnType.Timestamp => UtcMicroseconds.ToDateTime(times.Values[row]),
        Column<bool> values => values.Values[row],
        Column<int> values => values.Values[row],
        Column<long> values => values.Values[row],
        Column<double> values => values.Values[row],
        Column<decimal> values => values.Values[row],
        _ => throw new InvalidOperationException(column.Member.ToString()),
    };
}
