using System.Numerics;
using Lambda.Events;
using Lambda.Log;
using Lambda.Store;

namespace Lambda.Batch.Recompute;

/// <summary>
/// Which offsets below a boundary have been seen, one bit each, and which of them twice. Safe for use by several threads at once.
/// </summary>
internal sealed class OffsetCoverage
{
    private const int PageBits = 1 << 20;
    private const int WordBits = 64;
    private const int KeptRepeats = 10;

    private readonly Boundary _boundary;

    /// <summary>Per partition the pages of its offsets from 0 on; a page is made when its first offset is seen.</summary>
    private readonly ulong[]?[][] _pages;
    private readonly Lock _lock = new();
    private readonly List<LogPosition> _repeats = [];
    private long _repeatCount;

    public OffsetCoverage(Boundary boundary)
    {
        _boundary = boundary;
        _pages = [.. boundary.Offsets.Select(end => new ulong[]?[checked((int)((end + PageBits - 1) / PageBits))])];
    }

    /// <summary>How many offsets were seen again.</summary>
    public long RepeatCount => Interlocked.Read(ref _repeatCount);

    /// <summary>Some of the offsets that were seen again.</summary>
    public IReadOnlyList<LogPosition> Repeats => _repeats;

    /// <summary>Marks the positions of all rows.</summary>
    public void Mark(EventBatch batch)
    {
        for (int row = 0; row < batch.Count; row++)
        {
            Mark(batch.Partitions[row], batch.Offsets[row]);
        }
    }

    /// <summary>Marks a position below the boundary.</summary>
    public void Mark(int partition, long offset)
    {
        ulong[] page = Page(partition, (int)(offset / PageBits));
        int bit = (int)(offset % PageBits);
        ulong mask = 1UL << (bit % WordBits);
        if ((Interlocked.Or(ref page[bit / WordBits], mask) & mask) != 0)
        {
            Interlocked.Increment(ref _repeatCount);
            lock (_lock)
            {
                if (_repeats.Count < KeptRepeats)
                {
                    _repeats.Add(new LogPosition(partition, offset));
                }
            }
        }
    }

    /// <summary>The runs of offsets of a partition that were not seen, in rising order.</summary>
    public IEnumerable<OffsetRange> Missing(int partition)
    {
        long end = _boundary[partition];
        long offset = 0;
        while (offset < end)
        {
            long start = NextWith(partition, offset, end, seen: false);
            if (start >= end)
            {
                yield break;
            }

            offset = NextWith(partition, start, end, seen: true);
            yield return new OffsetRange(start, offset);
        }
    }

    private long NextWith(int partition, long offset, long end, bool seen)
    {
        while (offset < end)
        {
            ulong[]? page = _pages[partition][offset / PageBits];
            if (page is null)
            {
                if (!seen)
                {
                    return offset;
                }

                offset = (offset / PageBits * PageBits) + PageBits;
                continue;
            }

            int bit = (int)(offset % PageBits);
            ulong word = page[bit / WordBits];
            word = (seen ? word : ~word) >> (bit % WordBits);
            if (word != 0)
            {
                return Math.Min(end, offset + BitOperations.TrailingZeroCount(word));
            }

            offset += WordBits - (bit % WordBits);
        }

        return end;
    }

    private ulong[] Page(int partition, int index)
    {
        if (_pages[partition][index] is { } page)
        {
            return page;
        }

        ulong[] created = new ulong[PageBits / WordBits];
        return Interlocked.CompareExchange(ref _pages[partition][index], created, null) ?? created;
    }
}
