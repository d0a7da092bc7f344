using Lambda.Speed.Tests.Fixtures;
using Xunit;

namespace Lambda.Speed.Tests;

public class CommittedOffsetsTests
{
    private readonly CommittedOffsets _committed = new();

    [Fact]
    public void A_partition_that_was_not_claimed_has_no_offset()
    {
        _committed.Report("s", 1, 5);
        Assert.Null(_committed.Find("s", 0));
        Assert.Null(_committed.Find("other", 1));
        Assert.Equal(5, _committed.Find("s", 1));
    }

    [Fact]
    public async Task A_wait_ends_when_every_partition_is_there_and_not_before()
    {
        Task wait = _committed.WaitAsync("s", [5, 0, 7], Waiting.Token);
        _committed.Report("s", 0, 5);
        _committed.Report("s", 2, 6);
        _committed.Report("other", 2, 100);
        Assert.False(wait.IsCompleted);
        _committed.Report("s", 2, 7);
        await wait.InTime();
    }

    [Fact]
    public void A_wait_for_what_is_there_or_for_nothing_is_over_at_once()
    {
        _committed.Report("s", 0, 9);
        Assert.True(_committed.WaitAsync("s", [9], Waiting.Token).IsCompletedSuccessfully);
        Assert.True(_committed.WaitAsync("s", [5, 0], Waiting.Token).IsCompletedSuccessfully);
        Assert.True(_committed.WaitAsync("unknown", [0, 0], Waiting.Token).IsCompletedSuccessfully);
        Assert.True(_committed.WaitAsync("unknown", [], Waiting.Token).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_wait_can_be_cancelled()
    {
        using CancellationTokenSource cancel = new();
        Task wait = _committed.WaitAsync("s", [1], cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait.InTime());
    }

    [Fact]
    public async Task No_report_is_missed_by_many_waits_at_once()
    {
        const int Reports = 2000;
        Task[] waits = [.. Enumerable.Range(1, 50).Select(i => Task.Run(() => _committed.WaitAsync("s", [i * Reports / 50], Waiting.Token)))];
        for (int offset = 1; offset <= Reports; offset++)
        {
            _committed.Report("s", 0, offset);
        }

        await Task.WhenAll(waits).InTime();
    }
}
