using System.Buffers;
using Lambda.Batch.History.Files;
using Lambda.Store;
using Lambda.Views.Partials;
using Lambda.Windows;

namespace Lambda.Batch.Recompute.Contents;

/// <summary>
/// What a generation holds, as sums over the hashes of its partials, by version of a view and the day that they begin on. Sums do not depend on the order in which partials come,
/// and give back what is taken out, so a generation that was merged has those of one that was computed anew. That contents differ and their sums do not has a
/// chance of one in 2^128. Safe for use by several threads at once.
/// </summary>
internal sealed class GenerationContents
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, DaySums> _views = new(StringComparer.Ordinal);

    /// <summary>Of a generation that is empty.</summary>
    public GenerationContents()
    {
    }

    /// <summary>Of a generation that holds what another one held.</summary>
    public GenerationContents(IReadOnlyList<ViewContents> stored)
    {
        foreach (ViewContents view in stored)
        {
            _views.Add(view.Version, new DaySums(view.Days, view.Blocks));
        }
    }

    /// <summary>What a generation holds by what was kept of it; null when nothing was kept, or not this.</summary>
    public static GenerationContents? Of(GenerationBasis? basis) => basis?.Contents is { } stored ? new GenerationContents(stored) : null;

    /// <summary>Takes note of partials that were added.</summary>
    public void Add(PartialKind kind, PartialBatch partials)
    {
        Dictionary<long, PartialSum> sums = SumByDay(kind, partials);
        lock (_lock)
        {
            SumsOf(partials.Layout.Version).Add(sums);
        }
    }

    /// <summary>Takes note of partials that were taken out.</summary>
    public void Remove(PartialKind kind, PartialBatch partials)
    {
        Dictionary<long, PartialSum> sums = SumByDay(kind, partials);
        lock (_lock)
        {
            SumsOf(partials.Layout.Version).Remove(sums);
        }
    }

    /// <summary>
    /// Whether another generation, to which nothing is added meanwhile, holds the same of a version of a view among the partials that begin in an interval. It may look at
    /// more of them than these.
    /// </summary>
    public bool HasSame(GenerationContents other, string version, TimeWindow starts)
    {
        lock (_lock)
        {
            return SumsOf(version).HasSame(other.SumsOf(version), EventDate.DayOf(starts.Start), EventDate.DayOf(starts.End - 1));
        }
    }

    /// <summary>On which days another generation, to which nothing is added meanwhile, holds other partials of a version of a view.</summary>
    public IReadOnlyList<DifferentDays> Differences(GenerationContents other, string version)
    {
        lock (_lock)
        {
            return [.. SumsOf(version).Differences(other.SumsOf(version))];
        }
    }

    /// <summary>As it is stored with the generation.</summary>
    public IReadOnlyList<ViewContents> ToStored()
    {
        lock (_lock)
        {
            return [.. _views.OrderBy(view => view.Key, StringComparer.Ordinal).Select(view => view.Value.ToStored(view.Key))];
        }
    }

    private DaySums SumsOf(string version)
    {
        if (!_views.TryGetValue(version, out DaySums? sums))
        {
            sums = new DaySums();
            _views.Add(version, sums);
        }

        return sums;
    }

    private static Dictionary<long, PartialSum> SumByDay(PartialKind kind, PartialBatch partials)
    {
        Dictionary<long, PartialSum> sums = [];
        UInt128[] hashes = ArrayPool<UInt128>.Shared.Rent(partials.Count);
        try
        {
            RowHashes.Compute(kind, partials, hashes);
            ReadOnlySpan<long> starts = partials.Starts.Values;
            int row = 0;
            while (row < starts.Length)
            {
                // Mostly, partials of a day follow one another.
                long day = EventDate.DayOf(starts[row]);
                PartialSum sum = default;
                for (; row < starts.Length && EventDate.DayOf(starts[row]) == day; row++)
                {
                    sum += new PartialSum(1, hashes[row]);
                }

                sums[day] = sums.GetValueOrDefault(day) + sum;
            }
        }
        finally
        {
            ArrayPool<UInt128>.Shared.Return(hashes);
        }

        return sums;
    }
}
