using Lambda.Batch.Recompute;
using Lambda.Log;
using Lambda.Store;

namespace Lambda.Batch.Tests.Recompute;

public class BoundaryRuleTests
{
    [Fact]
    public void Without_epochs_everything_archived_is_covered() =>
        Assert.Equal(new Boundary([5, 9]), BoundaryRule.Choose([], new Boundary([5, 9]), new Boundary([1, 2])));

    [Fact]
    public void The_boundary_is_the_last_sealed_end_that_is_archived()
    {
        EpochInfo[] epochs =
        [
            Sealed(0, 1, 0, 10), Sealed(0, 2, 10, 20), Sealed(0, 3, 20, 30), Open(0, 4, 30, 35),
            Sealed(1, 1, 0, 10), Open(1, 2, 10, 40),
        ];

        Assert.Equal(new Boundary([20, 10]), BoundaryRule.Choose(epochs, new Boundary([29, 40]), Boundary.Zero(2)));
    }

    [Fact]
    public void The_boundary_never_goes_back_behind_the_one_that_is_served() =>
        Assert.Equal(
            new Boundary([50, 10]),
            BoundaryRule.Choose([Open(0, 1, 0, 3), Sealed(1, 1, 0, 10)], new Boundary([60, 60]), new Boundary([50, 5])));

    [Fact]
    public void A_partition_without_a_sealed_epoch_is_covered_up_to_where_the_stream_begins() =>
        Assert.Equal(
            new Boundary([7, 10]), BoundaryRule.Choose([Open(0, 1, 7, 9), Sealed(1, 1, 8, 10)], new Boundary([9, 10]), new Boundary([7, 8])));

    [Fact]
    public void Sealed_up_to_an_end_means_in_every_partition()
    {
        Boundary starts = Boundary.Zero(2);
        EpochInfo[] epochs = [Sealed(0, 1, 0, 10), Open(0, 2, 10, 12), Sealed(1, 1, 0, 4)];

        Assert.True(BoundaryRule.IsSealedUpTo(epochs, starts, new Boundary([10, 4])));
        Assert.False(BoundaryRule.IsSealedUpTo(epochs, starts, new Boundary([12, 4])));
        Assert.True(BoundaryRule.IsSealedUpTo([], starts, new Boundary([0, 0])));
        Assert.True(BoundaryRule.IsSealedUpTo([], new Boundary([3, 4]), new Boundary([3, 4])));
    }

    [Theory]
    [InlineData(60, 30, 40)]
    [InlineData(50, 30, 40)]
    [InlineData(25, 20, 25)]
    [InlineData(24, 20, 25)]
    [InlineData(1, 11, 11)]
    public void A_generation_takes_the_same_share_of_what_is_new_in_every_partition(long events, long first, long second) =>
        Assert.Equal(new Boundary([first, second, 5]), BoundaryRule.Within([], new Boundary([10, 10, 5]), new Boundary([30, 40, 5]), events));

    [Fact]
    public void A_generation_takes_epochs_as_a_whole()
    {
        EpochInfo[] epochs = [Sealed(0, 1, 0, 18), Sealed(0, 2, 18, 22), Sealed(0, 3, 22, 30), Sealed(1, 1, 0, 10), Sealed(1, 2, 10, 40)];

        Assert.Equal(new Boundary([22, 40]), BoundaryRule.Within(epochs, new Boundary([10, 10]), new Boundary([30, 40]), 25));
        Assert.Equal(new Boundary([18, 40]), BoundaryRule.Within(epochs, new Boundary([10, 10]), new Boundary([30, 40]), 1));
    }

    [Fact]
    public void Shares_of_offsets_without_number_are_right() => Assert.Equal(
        new Boundary([long.MaxValue / 2, long.MaxValue / 2]),
        BoundaryRule.Within([], Boundary.Zero(2), new Boundary([long.MaxValue - 1, long.MaxValue - 1]), long.MaxValue - 1));

    private static EpochInfo Sealed(int partition, long epoch, long start, long end) =>
        new(partition, epoch, new OffsetRange(start, end), EpochState.Sealed);

    private static EpochInfo Open(int partition, long epoch, long start, long end) => new(partition, epoch, new OffsetRange(start, end), EpochState.Open);
}
