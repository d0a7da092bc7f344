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
        OffsetCoverage coverage = new(new Boundary([0, end]));
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
        OffsetCoverage coverage = new(new Boundary([100]));
        coverage.Mark(0, 42);
        coverage.Mark(0, 43);
        coverage.Mark(0, 42);

        Assert.Equal(1, coverage.RepeatCount);
        Assert.Equal([new LogPosition(0, 42)], coverage.Repeats);
    }

    [Fact]
    public async Task Marks_of_several_threads_are_all_kept()
    {
        const int end = 300_000;
        OffsetCoverage coverage = new(new Boundary([end]));

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
