using Lambda.Batch.History.Files;
using Lambda.Windows;

namespace Lambda.Batch.Recompute;

/// <summary>All of time in pieces with about as many events each, so that windows can be looked at piece by piece whatever the length of a history.</summary>
internal static class TimeChunks
{
    /// <summary>The chunks in order: the first begins with time itself and the last never ends, as partials may lie where no event of the history does.</summary>
    /// <param name="eventsByDate">How many events there are, by date.</param>
    /// <param name="chunkEvents">How many events make a chunk, unless it is of one date.</param>
    /// <param name="within">Only instants in it are wanted.</param>
    /// <param name="slicing">What windows are made of: as they reach into the next chunk, shorter ones than theirs would have much read twice.</param>
    public static IReadOnlyList<TimeWindow> Of(IReadOnlyDictionary<DateOnly, long> eventsByDate, long chunkEvents, TimeWindow within, ISlicing slicing) =>
        Of(eventsByDate, chunkEvents, within, date => slicing.SlicesOf(date) is var reached ? (Int128)reached.End - reached.Start : default);

    /// <summary>The same for windows that are followed from one chunk into the next.</summary>
    /// <inheritdoc cref="Of(IReadOnlyDictionary{DateOnly, long}, long, TimeWindow, ISlicing)"/>
    public static IReadOnlyList<TimeWindow> Of(IReadOnlyDictionary<DateOnly, long> eventsByDate, long chunkEvents, TimeWindow within) =>
        Of(eventsByDate, chunkEvents, within, _ => 0);

    private static List<TimeWindow> Of(IReadOnlyDictionary<DateOnly, long> eventsByDate, long chunkEvents, TimeWindow within, Func<TimeWindow, Int128> shortest)
    {
        List<TimeWindow> chunks = [];
        long start = within.Start;
        long events = 0;
        foreach ((DateOnly date, long count) in eventsByDate.OrderBy(entry => entry.Key))
        {
            long cut = EventDate.StartOf(date);
            if (events > 0 && events + count > chunkEvents && cut > start && cut < within.End
                && (Int128)cut - start >= shortest(new TimeWindow(cut, EventDate.EndOfDay(cut))))
            {
                chunks.Add(new TimeWindow(start, cut));
                start = cut;
                events = 0;
            }

            events += count;
        }

        chunks.Add(new TimeWindow(start, within.End));
        return chunks;
    }

    /// <summary>What a function finds in each chunk, several at a time, in the order of the chunks.</summary>
    public static async Task<IReadOnlyList<T>> SelectAsync<T>(
        IReadOnlyList<TimeWindow> chunks,
        int workers,
        Func<TimeWindow, CancellationToken, Task<IReadOnlyList<T>>> find,
        CancellationToken cancellationToken)
    {
        IReadOnlyList<T>[] found = new IReadOnlyList<T>[chunks.Count];
        await Parallel.ForAsync(
            0,
            chunks.Count,
            new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken },
            async (chunk, token) => found[chunk] = await find(chunks[chunk], token).ConfigureAwait(false)).ConfigureAwait(false);
        return [.. found.SelectMany(part => part)];
    }
}
