using Lambda.Batch.History;
using Lambda.Batch.History.Files;
using Lambda.Views.Counts;

namespace Lambda.Batch.Archive;

/// <summary>
/// Which offsets of each partition the events of a history lie at or above that are of a date or a later one, as far as its files tell: those of other programs may
/// tell less, or nothing. Events come about in the order of their time, so that nearly all below are of the dates before.
/// </summary>
internal sealed class OffsetFloors
{
    /// <summary>The first microseconds of all dates, ascending.</summary>
    private readonly long[] _dates;

    /// <summary>By place of the date and partition.</summary>
    private readonly long[][] _floors;

    private OffsetFloors(long[] dates, long[][] floors)
    {
        _dates = dates;
        _floors = floors;
    }

    /// <summary>Those of data files.</summary>
    public static OffsetFloors Of(IEnumerable<HistoryFile> files, int partitions)
    {
        SortedDictionary<DateOnly, long[]> floors = [];
        foreach (HistoryFile file in files)
        {
            DateOnly date = ArchiveScan.DateOf(file);
            if (!floors.TryGetValue(date, out long[]? least))
            {
                floors.Add(date, least = [.. Enumerable.Repeat(long.MaxValue, partitions)]);
            }

            for (int partition = 0; partition < partitions; partition++)
            {
                least[partition] = Math.Min(least[partition], file.OffsetsIn(partition)?.Start ?? long.MaxValue);
            }
        }

        long[][] all = [.. floors.Values];
        for (int place = all.Length - 2; place >= 0; place--)
        {
            for (int partition = 0; partition < partitions; partition++)
            {
                all[place][partition] = Math.Min(all[place][partition], all[place + 1][partition]);
            }
        }

        return new OffsetFloors([.. floors.Keys.Select(EventDate.StartOf)], all);
    }

    /// <summary>What is known when all dates before one have been read.</summary>
    /// <param name="next">The first microsecond of that date; <see cref="long.MaxValue"/> when all have been read.</param>
    public KnownEvents KnownBefore(long next)
    {
        int found = Array.BinarySearch(_dates, next);
        int place = found < 0 ? ~found : found;
        return new KnownEvents(next, place < _floors.Length ? _floors[place] : []);
    }
}
