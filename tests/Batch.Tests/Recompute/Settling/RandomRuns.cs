using Lambda.Aggregation;
using Lambda.Batch.Archive;
using Lambda.Batch.History;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Files;
using Lambda.Events;
using Lambda.Store;
using Lambda.Time;
using Lambda.Views;
using Lambda.Views.Partials;
using Lambda.Views.Tables;

namespace Lambda.Batch.Tests.Recompute.Settling;

/// <summary>Random events of some keys in several partitions, whose times only about follow their offsets: some come days later, some are ahead of the others.</summary>
internal sealed class RandomRuns
{
    private const int Days = 12;
    private readonly Random _random;
    private readonly List<Event> _events = [];

    public RandomRuns(Random random)
    {
        _random = random;
        Partitions = random.Next(1, 4);
        Keys = random.Next(1, 9);
        double removed = random.Next(3) * 0.1;
        double late = random.Next(3) * 0.15;
        double ahead = random.Next(3) * 0.05;
        int minutes = random.Next(5, 120);
        for (int partition = 0; partition < Partitions; partition++)
        {
            // One that was added later has keys that others had before.
            long clock = partition == 0 ? 0 : random.Next(Days / 2) * 1440L;
            long offset = random.Next(3) * 1000;
            while (clock < Days * 1440)
            {
                clock += random.Next(minutes);
                offset += random.Next(8) == 0 ? random.Next(1, 50) : 1;
                double kind = random.NextDouble();
                double place = random.NextDouble();
                long time = place < late ? clock - random.Next(4 * 1440) : place < late + ahead ? clock + random.Next(3 * 1440) : clock - random.Next(20);
                _events.Add(new Event(
                    random.Next(Keys),
                    UtcMicroseconds.FromDateTime(Support.Orders.Day.AddMinutes(time)),
                    new EventPosition(partition, offset),
                    kind < removed ? PartialKind.Duplicate : kind < 1.5 * removed ? PartialKind.Quarantined : PartialKind.Kept));
            }
        }
    }

    public int Partitions { get; }

    public int Keys { get; }

    /// <summary>The dates, in rising order, with their events in the order of a file.</summary>
    public IReadOnlyList<IGrouping<DateOnly, Event>> Dates => [.. _events.OrderBy(one => one.Time).GroupBy(one => DateOf(one.Time)).OrderBy(date => date.Key)];

    /// <summary>The files that events are in, of which some do not tell their offsets.</summary>
    /// <param name="untold">How many of a hundred do not.</param>
    public OffsetFloors Floors(int untold) => OffsetFloors.Of(
        Dates.SelectMany(date => date.Chunk(_random.Next(1, 60)).Select(events => HistoryFile.From(FileOf(date.Key, events, _random.Next(100) < untold), "at"))), Partitions);

    /// <summary>Some of the events of a kind as a table of them has them.</summary>
    public static PartialBatch Of(ViewDefinition view, PartialKind kind, IEnumerable<Event> events)
    {
        PartialBatch batch = new(view.Layout);
        StateWriter writer = new(batch.States);
        foreach (Event one in events.Where(one => one.Kind == kind))
        {
            AggregateState[] states = AggregateStates.Create(view);
            ((ColumnBuffer<string>)batch.Keys[0]).Add($"k{one.Key}");
            batch.Starts.Add(one.Time);
            batch.Ends.Add(one.Time + 1);
            batch.Missed.Add(0);
            batch.EventCounts.Add(1);
            batch.Positions!.Add(one.Position);
            writer.StartRow();
            foreach (AggregateState state in states)
            {
                state.EnsureSlots(1);
                state.Add([0], new AggregateInput<long> { Values = [one.Position.Offset] });
                state.Write(0, writer);
            }
        }

        return batch;
    }

    private static DateOnly DateOf(long time) => DateOnly.FromDateTime(UtcMicroseconds.ToDateTime(time));

    private static AddFile FileOf(DateOnly date, Event[] events, bool isUntold)
    {
        IEnumerable<string> offsets = events.GroupBy(one => one.Position.Partition).Select(
            some => $"{some.Key}:{some.Min(one => one.Position.Offset)}-{some.Max(one => one.Position.Offset) + 1}");
        Dictionary<string, string> tags = isUntold ? [] : new() { [FileOffsets.Tag] = string.Join(' ', offsets) };
        return new AddFile(
            $"{Guid.NewGuid()}.parquet", new Dictionary<string, string?> { [TableSchema.DateColumn] = EventDate.Format(date) }, 1, 1, DataChange: true, Stats: null, tags);
    }

    internal sealed record Event(int Key, long Time, EventPosition Position, PartialKind Kind);
}
