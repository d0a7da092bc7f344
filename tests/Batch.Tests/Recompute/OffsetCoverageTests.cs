using Lambda.Batch.History;
using Lambda.Batch.Recompute;
using Lambda.Log;
using Lambda.Store;

namespace Lambda.Batch.Tests.Recompute;

public class OffsetCoverageTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(1_000)]
    [InlineData(2_500_000)]
    public void Missing_runs_are_those_never_marked(long end)
    {
        int seed = (int)end;
        Random random = new(seed);
        OffsetCoverage coverage = new(Boundary.Zero(2), new Boundary([0, end]));
        bool[] seen = new bool[end];
        for (long offset = 0; offset < end; offset += random.Next(3) == 0 ? random.Next(1, 40_000) : 1)
        {
            seen[offset] = true;
            coverage.Mark(1, offset);
        }

        Assert.Equal(Runs(seen), coverage.Missing(1));
        Assert.Empty(coverage.Missing(0));
        Assert.Equal(0, coverage.RepeatCount);
    }

    [Fact]
    public void An_offset_that_is_marked_twice_is_told()
    {
        OffsetCoverage coverage = new(Boundary.Zero(1), new Boundary([100]));
        coverage.Mark(0, 42);
        coverage.Mark(0, 43);
        coverage.Mark(0, 42);

        Assert.Equal(1, coverage.RepeatCount);
        Assert.Equal([new LogPosition(0, 42)], coverage.Repeats);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Voids_account_for_their_offsets_whatever_their_lengths_and_wherever_the_stream_begins(int seed)
    {
        const int length = 5_000_000;
        Random random = new(seed);
        long start = seed * 1_000_000_000_003;
        OffsetCoverage coverage = new(new Boundary([start]), new Boundary([start + length]));
        bool[] known = new bool[length];
        for (int i = 0; i < 200; i++)
        {
            int place = random.Next(length);
            if (!known[place])
            {
                known[place] = true;
                coverage.Mark(0, start + place);
            }
        }

        for (int i = 0; i < 40; i++)
        {
            int place = random.Next(length);
            int end = Math.Min(length, place + random.Next(1, random.Next(3) switch { 0 => 5, 1 => 70_000, _ => 3_000_000 }));
            known.AsSpan(place, end - place).Fill(true);
            coverage.MarkVoid(0, new OffsetRange(start + place, start + end));
            if (i % 8 == 0)
            {
                Assert.Equal(Runs(known).Select(run => new OffsetRange(run.Start + start, run.End + start)), coverage.Missing(0));
            }
        }

        Assert.Equal(0, coverage.RepeatCount);
    }

    [Fact]
    public void A_stream_that_begins_far_behind_and_a_void_without_end_take_little_memory()
    {
        const long start = 1_000_000_000_000;
        const long end = start + 100_000_000_000;
        long before = GC.GetAllocatedBytesForCurrentThread();
        OffsetCoverage coverage = new(new Boundary([start]), new Boundary([end]));

        coverage.Mark(0, start);
        coverage.MarkVoid(0, new OffsetRange(start + 2, end - 1));

        Assert.Equal([new OffsetRange(start + 1, start + 2), new OffsetRange(end - 1, end)], coverage.Missing(0));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
    }

    [Fact]
    public void A_row_before_the_start_is_told()
    {
        OffsetCoverage coverage = new(new Boundary([50]), new Boundary([100]));

        HistoryException error = Assert.Throws<HistoryException>(() => coverage.Mark(0, 49));

        Assert.Contains("offset 49 of partition 0, which begins at 50", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Marks_of_several_threads_are_all_kept()
    {
        const int end = 300_000;
        OffsetCoverage coverage = new(Boundary.Zero(1), new Boundary([end]));

        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(
            () =>
            {
                for (int offset = worker; offset < end; offset += 4)
                {
                    coverage.Mark(0, offset);
                }
            },
            TestContext.Current.CancellationToken)));

        Assert.Empty(coverage.Missing(0));
        Assert.Equal(0, coverage.RepeatCount);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Pages_that_are_full_are_one_and_tell_the_same(int seed)
    {
        const int page = OffsetCoverage.PageWords * 64;
        const int end = (2 * page) + 1_000;
        const int missing = page + 77;
        Random random = new(seed);
        OffsetCoverage coverage = new(new Boundary([5, 0]), new Boundary([5 + end, end]));
        long[] repeated = [.. Enumerable.Range(0, 5).Select(_ => 5L + random.Next(end)).Distinct()];

        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(
            () =>
            {
                for (int offset = worker; offset < end; offset += 4)
                {
                    coverage.Mark(0, 5 + offset);
                    if (offset != missing)
                    {
                        coverage.Mark(1, offset);
                    }

                    if (offset % 4_093 < 4)
                    {
                        coverage.ShareFull();
                    }
                }
            },
            TestContext.Current.CancellationToken)));
        coverage.ShareFull();
        foreach (long offset in repeated)
        {
            coverage.Mark(0, offset);
        }

        Assert.Empty(coverage.Missing(0));
        Assert.Equal([new OffsetRange(missing, missing + 1)], coverage.Missing(1));
        Assert.Same(coverage.Pages(0)[0], coverage.Pages(0)[1]);
        Assert.Same(coverage.Pages(0)[0], coverage.Pages(1)[0]);
        Assert.NotSame(coverage.Pages(0)[0], coverage.Pages(1)[1]);
        Assert.Equal(repeated.Length, coverage.RepeatCount);
        Assert.Equal(repeated.Select(offset => new LogPosition(0, offset)), coverage.Repeats);
    }

    private static List<OffsetRange> Runs(bool[] seen)
    {
        List<OffsetRange> runs = [];
        for (int offset = 0; offset < seen.Length; offset++)
        {
            if (!seen[offset])
            {
                int start = offset;
                while (offset < seen.Length && !seen[offset])
                {
                    offset++;
                }

                runs.Add(new OffsetRange(start, offset));
            }
        }

        return runs;
    }
}
