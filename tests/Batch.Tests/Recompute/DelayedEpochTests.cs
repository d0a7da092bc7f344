using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Store;

namespace Lambda.Batch.Tests.Recompute;

/// <summary>Runs over what the speed layer has not ended its epochs of, as it is far behind.</summary>
public class DelayedEpochTests
{
    [Fact]
    public async Task A_run_says_how_much_that_is_archived_it_leaves_out()
    {
        await using Platform platform = await Platform.CreateAsync();
        for (int i = 0; i < 7; i++)
        {
            platform.Append(0, new Order($"o{i}", Orders.Day, "ams", 20, 1, 1));
        }

        await platform.StartSpeedAsync();
        await platform.SpeedAsync(0, 4, EpochEnd.Seal);
        await platform.SpeedAsync(0, 1, EpochEnd.KeepOpen);

        RunResult behind = await platform.RecomputeAsync();
        await platform.CatchUpSpeedAsync();
        RunResult all = await platform.RecomputeAsync();

        Assert.Equal((4, 3), (behind.Rows, all.Rows));
        Assert.EndsWith(" 3 archived records are left out until a later run: the speed layer had not ended its epochs within 0 s.", behind.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("left out", all.Message, StringComparison.Ordinal);
    }
}
