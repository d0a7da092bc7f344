using Lambda.Events;
using Lambda.Views;
using Lambda.Views.Partials;

namespace Lambda.Bench;

/// <summary>Partials of a view with one text as its key, by number: 100 keys an hour, from 1970 on.</summary>
internal static class NumberedPartials
{
    public const int KeysPerHour = 100;

    public const long Hour = 3_600_000_000;

    /// <summary>The partials of a range of numbers.</summary>
    public static PartialBatch Of(PartialLayout layout, int first, int count, long events)
    {
        PartialBatch batch = new(layout);
        for (int i = first; i < first + count; i++)
        {
            Add(batch, i, events);
        }

        return batch;
    }

    /// <summary>Adds the partial of a number. A session takes half of its hour.</summary>
    public static void Add(PartialBatch batch, int number, long events)
    {
        long start = number / KeysPerHour * Hour;
        long end = start + (batch.Layout.HasLiveSessions ? Hour / 2 : Hour);
        ((ColumnBuffer<string>)batch.Keys[0]).Add(Key(number));
        batch.Starts.Add(start);
        batch.Ends.Add(end);
        batch.Missed.Add(0);
        batch.EventCounts.Add(events);
        if (batch.LiveSessions is { } live)
        {
            live.Starts.Add(start);
            live.Ends.Add(end);
        }

        foreach (ColumnBuffer state in batch.States)
        {
            switch (state)
            {
                case ColumnBuffer<long> typed: typed.Add(events * 10); break;
                case ColumnBuffer<Int128> typed: typed.Add(events * 1000); break;
                default: state.AddNull(); break;
            }
        }
    }

    /// <summary>The key of the partial of a number.</summary>
    public static string Key(int number) => $"origin {number % KeysPerHour:D5}";
}
