using Lambda.Events;
using Lambda.TestSupport.Oracle;

namespace Lambda.Tests.Kernel.Streams;

/// <summary>Puts event objects into a batch: the way to values that JSON cannot carry.</summary>
internal static class BatchFilling
{
    public static void Add(EventBatch batch, object source, int partition, long offset, EventMember eventTime)
    {
        int row = batch.Count;
        batch.EnsureCapacity(row + 1);
        foreach (EventMember member in batch.Projection.Schema.Members)
        {
            object? value = source.GetType().GetProperty(member.Name)!.GetValue(source);
            value = value switch
            {
                DateTimeOffset instant => OracleTime.Microseconds(instant),
                DateTime instant => OracleTime.Microseconds(new DateTimeOffset(instant, TimeSpan.Zero)),
                _ => value,
            };
            if (member == eventTime)
            {
                batch.EventTimes[row] = (long)value!;
            }

            if (batch[member] is { } column)
            {
                Set(column, row, value);
            }
        }

        batch.Partitions[row] = partition;
        batch.Offsets[row] = offset;
        batch.Count = row + 1;
    }

    private static void Set(Column column, int row, object? value)
    {
        if (column.Nulls is { } nulls)
        {
            nulls[row] = value is null;
        }

        switch (column)
        {
            case DictionaryColumn strings:
                strings.Ids[row] = strings.Dictionary.Intern((string?)value);
                break;
            case Column<bool> flags:
                flags.Values[row] = (bool?)value ?? false;
                break;
            case Column<int> integers:
                integers.Values[row] = (int?)value ?? 0;
                break;
            case Column<long> integers:
                integers.Values[row] = (long?)value ?? 0;
                break;
            case Column<double> numbers:
                numbers.Values[row] = (double?)value ?? 0;
                break;
            case Column<decimal> numbers:
                numbers.Values[row] = (decimal?)value ?? 0;
                break;
            default:
                throw new InvalidOperationException($"No values for {column.Member}.");
        }
    }
}
