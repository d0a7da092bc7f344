using Lambda.Batch.Archive;
using Lambda.Store;

namespace Lambda.Batch.Recompute.Parts;

/// <summary>Cuts the dates of an archive into parts of about as many events each.</summary>
internal static class PartPlan
{
    /// <summary>More would take longer to hand out than they save.</summary>
    private const int MostParts = 256;

    /// <summary>The dates by part, in rising order; a single part when there is less to read than what one takes.</summary>
    /// <param name="archive">What is read.</param>
    /// <param name="range">Which of its events.</param>
    /// <param name="partEvents">How many events a part takes, about.</param>
    public static IReadOnlyList<PlannedPart> Of(IArchiveSnapshot archive, ArchiveRange range, long partEvents)
    {
        IReadOnlyList<DateOnly> dates = Computation.DatesOf(archive, range);
        Boundary start = range.From ?? archive.Start;
        long offsets = Enumerable.Range(0, range.Below.Partitions).Sum(partition => range.Below[partition] - start[partition]);
        long[] rows = [.. dates.Select(date => archive.Rows.GetValueOrDefault(date) ?? offsets / dates.Count)];
        long all = rows.Sum();

        // Of dates that new events came to, older ones are read around their times only.
        return dates.Count < 2 || Math.Min(all, offsets) <= partEvents
            ? [new PlannedPart(dates, all)]
            : Cut(dates, rows, Math.Max(partEvents, all / MostParts));
    }

    /// <summary>Puts neighbouring dates together for as long as they have no more than so many rows; a date that has more is a part by itself.</summary>
    public static IReadOnlyList<PlannedPart> Cut(IReadOnlyList<DateOnly> dates, IReadOnlyList<long> rows, long most)
    {
        List<PlannedPart> parts = [];
        int first = 0;
        long taken = 0;
        for (int i = 0; i < dates.Count; i++)
        {
            if (i > first && taken + rows[i] > most)
            {
                End(i);
            }

            taken += rows[i];
        }

        if (first < dates.Count)
        {
            End(dates.Count);
        }

        return parts;

        void End(int end)
        {
            parts.Add(new PlannedPart([.. dates.Skip(first).Take(end - first)], taken));
            first = end;
            taken = 0;
        }
    }
}

/// <summary>A part of a run.</summary>
/// <param name="Dates">Its dates.</param>
/// <param name="Events">How many events are read, about.</param>
internal sealed record PlannedPart(IReadOnlyList<DateOnly> Dates, long Events);
