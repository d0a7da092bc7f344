using Lambda.Store;

namespace Lambda.Batch.Recompute.Contents;

/// <summary>
/// Sums by day. All that is known of some days is the sum over the block of 32 days that they lie in: as many sums as a long history has days would be much to
/// store with every generation, and what changes is seldom long ago.
/// </summary>
internal sealed class DaySums
{
    /// <summary>How many days are stored each with a sum of its own: the last ones that have any.</summary>
    private const int MostDays = 64;

    private const int BlockShift = 5;

    /// <summary>Without those of nothing.</summary>
    private readonly Dictionary<long, PartialSum> _days;

    /// <summary>Of days that are not told apart. Partials that come or go later on a day of a block may be noted here or there: only both together are the block's sum.</summary>
    private readonly Dictionary<long, PartialSum> _blocks;

    public DaySums()
    {
        _days = [];
        _blocks = [];
    }

    public DaySums(IReadOnlyDictionary<long, PartialSum> days, IReadOnlyDictionary<long, PartialSum> blocks)
    {
        _days = new Dictionary<long, PartialSum>(days);
        _blocks = new Dictionary<long, PartialSum>(blocks);
    }

    public void Add(IReadOnlyDictionary<long, PartialSum> days)
    {
        foreach ((long day, PartialSum sum) in days)
        {
            Set(_days, day, _days.GetValueOrDefault(day) + sum);
        }
    }

    public void Remove(IReadOnlyDictionary<long, PartialSum> days)
    {
        foreach ((long day, PartialSum sum) in days)
        {
            Set(_days, day, _days.GetValueOrDefault(day) - sum);
        }
    }

    /// <summary>Whether others are the same from one day to another, both inclusive: by day, and by block where one of both knows no more.</summary>
    public bool HasSame(DaySums other, long first, long last) => !Differences(other, first, last).Any();

    /// <summary>Where others differ: by day, and by block where one of both knows no more; in rising order within each.</summary>
    public IEnumerable<DifferentDays> Differences(DaySums other) => Differences(other, long.MinValue, long.MaxValue);

    /// <summary>Only what lies between two days, both inclusive, is added up: a long history is asked about piece by piece, and each block goes through all days.</summary>
    private IEnumerable<DifferentDays> Differences(DaySums other, long first, long last)
    {
        HashSet<long> blocks = [.. _blocks.Keys, .. other._blocks.Keys];
        IEnumerable<DifferentDays> byBlock = blocks.Where(block => block >= first >> BlockShift && block <= last >> BlockShift).Order().Select(block =>
            new DifferentDays(block << BlockShift, (block + 1) << BlockShift, OfBlock(block), other.OfBlock(block)));
        IEnumerable<DifferentDays> byDay = _days.Keys.Union(other._days.Keys)
            .Where(day => day >= first && day <= last && !blocks.Contains(day >> BlockShift)).Order().Select(day =>
                new DifferentDays(day, day + 1, _days.GetValueOrDefault(day), other._days.GetValueOrDefault(day)));
        return byBlock.Concat(byDay).Where(days => days.One != days.Other);
    }

    public ViewContents ToStored(string view, string version)
    {
        SortedDictionary<long, PartialSum> days = [];
        SortedDictionary<long, PartialSum> blocks = new(_blocks);
        foreach ((long day, PartialSum sum) in _days.OrderByDescending(entry => entry.Key))
        {
            if (days.Count < MostDays)
            {
                days.Add(day, sum);
            }
            else
            {
                Set(blocks, day >> BlockShift, blocks.GetValueOrDefault(day >> BlockShift) + sum);
            }
        }

        return new ViewContents(view, version, days, blocks);
    }

    private PartialSum OfBlock(long block) =>
        _days.Where(entry => entry.Key >> BlockShift == block).Aggregate(_blocks.GetValueOrDefault(block), (sum, entry) => sum + entry.Value);

    private static void Set(IDictionary<long, PartialSum> sums, long key, PartialSum sum)
    {
        if (sum == default)
        {
            sums.Remove(key);
        }
        else
        {
            sums[key] = sum;
        }
    }
}
