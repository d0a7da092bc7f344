using System.Numerics;
using Lambda.Batch.History;
using Lambda.Events;
using Lambda.Log;
using Lambda.Store;

namespace Lambda.Batch.Recompute;

/// <summary>
/// Which offsets between the start of a history and a boundary have been accounted for, one bit each but where all of many are, and at which there were two rows. Rows may
/// be marked by several threads at once.
/// </summary>
internal sealed class OffsetCoverage
{
    /// <summary>The number of words in a page of marks.</summary>
    public const int PageWords = PageBits / WordBits;

    /// <summary>64 KiB: larger arrays would be left where the collector seldom looks.</summary>
    private const int PageBits = 1 << 19;
    private const int WordBits = 64;
    private const int KeptRepeats = 10;

    /// <summary>A page whose offsets are all accounted for; one for all such.</summary>
    private static readonly ulong[] Full = [.. Enumerable.Repeat(ulong.MaxValue, PageWords)];

    private readonly Boundary _start;
    private readonly Boundary _boundary;

    /// <summary>Per partition the pages of its offsets from its start on; a page is made when its first offset is seen.</summary>
    private readonly ulong[]?[][] _pages;

    /// <summary>Per partition and page how many of its first words had all their marks when somebody last looked; no mark is ever taken back.</summary>
    private readonly int[][] _full;
    private readonly Lock _lock = new();
    private readonly List<LogPosition> _repeats = [];
    private long _repeatCount;

    /// <param name="start">Per partition the first offset that has to be accounted for.</param>
    /// <param name="boundary">Per partition the first offset that has not, not before the start.</param>
    public OffsetCoverage(Boundary start, Boundary boundary)
    {
        _start = start;
        _boundary = boundary;
        _pages = [.. boundary.Offsets.Select((end, partition) => new ulong[]?[checked((int)((end - start[partition] + PageBits - 1) / PageBits))])];
        _full = [.. _pages.Select(pages => new int[pages.Length])];
    }

    /// <summary>How many partitions there are.</summary>
    public int Partitions => _boundary.Partitions;

    /// <summary>How many offsets were seen again.</summary>
    public long RepeatCount => Interlocked.Read(ref _repeatCount);

    /// <summary>Some of the offsets that were seen again.</summary>
    public IReadOnlyList<LogPosition> Repeats => _repeats;

    /// <summary>
    /// The marks of a partition in pages of <see cref="PageWords"/> words, the lowest bit of the first word for its start; null for a page without a mark.
    /// </summary>
    public IReadOnlyList<ulong[]?> Pages(int partition) => _pages[partition];

    /// <summary>Adds a page of marks of another coverage of the same offsets. What is marked in both was seen again.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such page, or it has marks behind the boundary.</exception>
    public void Merge(int partition, int index, ReadOnlySpan<ulong> marks)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, _pages[partition].Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(marks.Length, PageWords);
        long first = (long)index * PageBits;
        int last = marks.LastIndexOfAnyExcept(0UL);
        if (last >= 0 && first + ((last + 1L) * WordBits) - BitOperations.LeadingZeroCount(marks[last]) > _boundary[partition] - _start[partition])
        {
            throw new ArgumentOutOfRangeException(nameof(marks), index, "There are marks behind the boundary.");
        }

        ulong[] page = Page(partition, index);
        for (int word = 0; word < marks.Length; word++)
        {
            ulong again = Interlocked.Or(ref page[word], marks[word]) & marks[word];
            for (; again != 0; again &= again - 1)
            {
                Repeat(new LogPosition(partition, _start[partition] + first + (word * WordBits) + BitOperations.TrailingZeroCount(again)));
            }
        }
    }

    /// <summary>Adds all marks of another coverage of the same offsets. What is marked in both was seen again.</summary>
    public void Merge(OffsetCoverage other)
    {
        for (int partition = 0; partition < Partitions; partition++)
        {
            foreach ((int index, ulong[]? marks) in other._pages[partition].Index())
            {
                if (marks is not null)
                {
                    Merge(partition, index, marks);
                }
            }
        }

        AddRepeats(other.RepeatCount, other.Repeats);
    }

    /// <summary>Takes note of offsets that another coverage of the same offsets has seen again.</summary>
    /// <param name="count">How many.</param>
    /// <param name="some">Some of them.</param>
    public void AddRepeats(long count, IEnumerable<LogPosition> some)
    {
        Interlocked.Add(ref _repeatCount, count);
        lock (_lock)
        {
            _repeats.AddRange(some.Take(KeptRepeats - _repeats.Count));
        }
    }

    /// <summary>Marks the positions of all rows.</summary>
    /// <inheritdoc cref="Mark(int, long)"/>
    public void Mark(EventBatch batch)
    {
        for (int row = 0; row < batch.Count; row++)
        {
            Mark(batch.Partitions[row], batch.Offsets[row]);
        }
    }

    /// <summary>Marks the position of a row below the boundary.</summary>
    /// <exception cref="HistoryException">It lies before the start.</exception>
    public void Mark(int partition, long offset)
    {
        long place = offset - _start[partition];
        if (place < 0)
        {
            throw new HistoryException(
                $"The history has a row at offset {offset} of partition {partition}, which begins at {_start[partition]}: another program has written it. "
                + "Restore the history from a copy.");
        }

        ulong[] page = Page(partition, (int)(place / PageBits));
        int bit = (int)(place % PageBits);
        ulong mask = 1UL << (bit % WordBits);
        if ((Interlocked.Or(ref page[bit / WordBits], mask) & mask) != 0)
        {
            Repeat(new LogPosition(partition, offset));
        }
    }

    /// <summary>
    /// Lets go of pages whose offsets are all accounted for, so that memory follows how far offsets are met out of their order, not how many there are. Rows may be marked
    /// meanwhile.
    /// </summary>
    public void ShareFull()
    {
        for (int partition = 0; partition < Partitions; partition++)
        {
            ulong[]?[] pages = _pages[partition];
            int[] full = _full[partition];
            for (int index = 0; index < pages.Length; index++)
            {
                if (pages[index] is not { } page || ReferenceEquals(page, Full))
                {
                    continue;
                }

                // Words are looked at once in all, not each time. Others may do the same meanwhile, so that what is noted is what was seen here.
                int from = full[index];
                int more = page.AsSpan(from).IndexOfAnyExcept(ulong.MaxValue);
                if (more < 0)
                {
                    // Whoever still marks in the page itself meets the same marks there.
                    pages[index] = Full;
                }
                else
                {
                    full[index] = from + more;
                }
            }
        }
    }

    /// <summary>Whether the position of a row was marked.</summary>
    public bool Contains(LogPosition position)
    {
        long place = position.Offset - _start[position.Partition];
        return place >= 0 && position.Offset < _boundary[position.Partition]
            && _pages[position.Partition][place / PageBits] is { } page
            && (page[place % PageBits / WordBits] & (1UL << (int)(place % WordBits))) != 0;
    }

    /// <summary>
    /// Marks offsets below the boundary that hold no record; called when all rows are marked. One of them that has a row all the same counts as that row: a
    /// log that is compacted can lose a record between two reads.
    /// </summary>
    public void MarkVoid(int partition, OffsetRange offsets)
    {
        long end = offsets.End - _start[partition];
        for (long place = Math.Max(0, offsets.Start - _start[partition]); place < end;)
        {
            int index = (int)(place / PageBits);
            int first = (int)(place % PageBits);
            int count = (int)Math.Min(PageBits - first, end - place);
            if (count == PageBits)
            {
                _pages[partition][index] = Full;
            }
            else
            {
                Fill(Page(partition, index), first, count);
            }

            place += count;
        }
    }

    /// <summary>The runs of offsets of a partition that are not accounted for, in rising order.</summary>
    public IEnumerable<OffsetRange> Missing(int partition)
    {
        long end = _boundary[partition] - _start[partition];
        long place = 0;
        while (place < end)
        {
            long first = NextWith(partition, place, end, seen: false);
            if (first >= end)
            {
                yield break;
            }

            place = NextWith(partition, first, end, seen: true);
            yield return new OffsetRange(first + _start[partition], place + _start[partition]);
        }
    }

    /// <summary>The runs of offsets of a range of a partition that are accounted for, in rising order.</summary>
    public IEnumerable<OffsetRange> Seen(int partition, OffsetRange range)
    {
        long start = _start[partition];
        long end = Math.Min(range.End, _boundary[partition]) - start;
        long place = Math.Max(0, range.Start - start);
        while (place < end)
        {
            long first = NextWith(partition, place, end, seen: true);
            if (first >= end)
            {
                yield break;
            }

            place = NextWith(partition, first, end, seen: false);
            yield return new OffsetRange(first + start, place + start);
        }
    }

    private void Repeat(LogPosition position)
    {
        Interlocked.Increment(ref _repeatCount);
        lock (_lock)
        {
            if (_repeats.Count < KeptRepeats)
            {
                _repeats.Add(position);
            }
        }
    }

    private static void Fill(ulong[] page, int first, int count)
    {
        if (ReferenceEquals(page, Full))
        {
            return;
        }

        for (int bit = first; bit < first + count;)
        {
            int shift = bit % WordBits;
            int bits = Math.Min(WordBits - shift, first + count - bit);
            page[bit / WordBits] |= (bits == WordBits ? ulong.MaxValue : (1UL << bits) - 1) << shift;
            bit += bits;
        }
    }

    private long NextWith(int partition, long place, long end, bool seen)
    {
        while (place < end)
        {
            ulong[]? page = _pages[partition][place / PageBits];
            if (page is null && !seen)
            {
                return place;
            }

            if (page is null || (!seen && ReferenceEquals(page, Full)))
            {
                place = (place / PageBits * PageBits) + PageBits;
                continue;
            }

            int bit = (int)(place % PageBits);
            ulong word = page[bit / WordBits];
            word = (seen ? word : ~word) >> (bit % WordBits);
            if (word != 0)
            {
                return Math.Min(end, place + BitOperations.TrailingZeroCount(word));
            }

            place += WordBits - (bit % WordBits);
        }

        return end;
    }

    private ulong[] Page(int partition, int index)
    {
        if (_pages[partition][index] is { } page)
        {
            return page;
        }

        ulong[] created = new ulong[PageWords];
        return Interlocked.CompareExchange(ref _pages[partition][index], created, null) ?? created;
    }
}
