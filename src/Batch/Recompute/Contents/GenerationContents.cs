using System.Buffers;
using Lambda.Batch.History.Files;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;
using Lambda.Windows;

namespace Lambda.Batch.Recompute.Contents;

/// <summary>
/// What a generation holds, as sums over the hashes of its partials, by view, its version and the day that they begin on. Sums do not depend on the order in which partials come,
/// and give back what is taken out, so a generation that was merged has those of one that was computed anew. That contents differ and their sums do not has a
/// chance of one in 2^128. Safe for use by several threads at once.
/// </summary>
internal sealed class GenerationContents
{
    private readonly Lock _lock = new();

    // By view and version: views that are declared alike have the same version.
    private readonly Dictionary<(string View, string Version), DaySums> _views = [];

    /// <summary>Of a generation that is empty.</summary>
    public GenerationContents()
    {
    }

    /// <summary>Of a generation that holds what another one held.</summary>
    /// <exception cref="ArgumentException">It is not told of which views.</exception>
    public GenerationContents(IReadOnlyList<ViewContents> stored)
    {
        foreach (ViewContents contents in stored)
        {
            string view = contents.View ?? throw new ArgumentException($"The sums of version {contents.Version} are those of all views that have it.", nameof(stored));
            _views.Add((view, contents.Version), new DaySums(contents.Days, contents.Blocks));
        }
    }

    /// <summary>What a generation holds by what was kept of it; null when nothing was kept, or not this.</summary>
    public static GenerationContents? Of(GenerationBasis? basis) =>
        basis?.Contents is { } stored && stored.All(contents => contents.View is not null) ? new GenerationContents(stored) : null;

    /// <summary>Takes note of partials that were added.</summary>
    public void Add(PartialKind kind, PartialBatch partials)
    {
        Dictionary<long, PartialSum> sums = SumByDay(kind, partials);
        lock (_lock)
        {
            SumsOf(partials.Layout).Add(sums);
        }
    }

    /// <summary>Takes note of partials that were taken out.</summary>
    public void Remove(PartialKind kind, PartialBatch partials)
    {
        Dictionary<long, PartialSum> sums = SumByDay(kind, partials);
        lock (_lock)
        {
            SumsOf(partials.Layout).Remove(sums);
        }
    }

    /// <summary>
    /// Whether another generation, to which nothing is added meanwhile, holds the same of a version of a view among the partials that begin in an interval. It may look at
    /// more of them than these.
    /// </summary>
    public bool HasSame(GenerationContents other, PartialLayout view, TimeWindow starts)
    {
        lock (_lock)
        {
            return SumsOf(view).HasSame(other.SumsOf(view), EventDate.DayOf(starts.Start), EventDate.DayOf(starts.End - 1));
        }
    }

    /// <summary>On which days another generation, to which nothing is added meanwhile, holds other partials of a version of a view.</summary>
    public IReadOnlyList<DifferentDays> Differences(GenerationContents other, PartialLayout view)
    {
        lock (_lock)
        {
            return [.. SumsOf(view).Differences(other.SumsOf(view))];
        }
    }

    /// <summary>As it is stored with the generation.</summary>
    public IReadOnlyList<ViewContents> ToStored()
    {
        lock (_lock)
        {
            return
            [
                .. _views.OrderBy(sums => sums.Key.View, StringComparer.Ordinal).ThenBy(sums => sums.Key.Version, StringComparer.Ordinal)
                    .Select(sums => sums.Value.ToStored(sums.Key.View, sums.Key.Version)),
            ];
        }
    }

    private DaySums SumsOf(PartialLayout view)
    {
        if (!_views.TryGetValue((view.View, view.Version), out DaySums? sums))
        {
            sums = new DaySums();
            _views.Add((view.View, view.Version), sums);
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
