using Xunit;

namespace Lambda.Speed.Tests;

public class SpeedOptionsTests
{
    [Fact]
    public void The_defaults_are_those_that_the_options_document() => Assert.Equal(
        (TimeSpan.FromMilliseconds(100), 65_536, TimeSpan.FromMinutes(10), 128L << 20, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1)),
        (SpeedOptions.Default.CommitInterval, SpeedOptions.Default.MaxEventsPerCommit, SpeedOptions.Default.EpochInterval,
            SpeedOptions.Default.MaxEpochBytes, SpeedOptions.Default.SealPollInterval, SpeedOptions.Default.RestartDelay));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    public void An_interval_that_is_not_positive_is_refused_by_its_name(long ticks)
    {
        TimeSpan value = TimeSpan.FromTicks(ticks);
        Assert.Throws<ArgumentOutOfRangeException>(nameof(SpeedOptions.CommitInterval), () => new SpeedOptions { CommitInterval = value });
        Assert.Throws<ArgumentOutOfRangeException>(nameof(SpeedOptions.EpochInterval), () => new SpeedOptions { EpochInterval = value });
        Assert.Throws<ArgumentOutOfRangeException>(nameof(SpeedOptions.SealPollInterval), () => new SpeedOptions { SealPollInterval = value });
        Assert.Throws<ArgumentOutOfRangeException>(nameof(SpeedOptions.RestartDelay), () => new SpeedOptions { RestartDelay = value });
    }

    // A timer takes no longer wait than this, so that a longer interval would stop the layer when it first rests.
    [Fact]
    public void An_interval_that_no_timer_can_wait_for_is_refused_by_its_name()
    {
        TimeSpan value = TimeSpan.FromDays(50);
        Assert.Throws<ArgumentOutOfRangeException>(nameof(SpeedOptions.CommitInterval), () => new SpeedOptions { CommitInterval = value });
        Assert.Throws<ArgumentOutOfRangeException>(nameof(SpeedOptions.SealPollInterval), () => new SpeedOptions { SealPollInterval = value });
        Assert.Throws<ArgumentOutOfRangeException>(nameof(SpeedOptions.RestartDelay), () => new SpeedOptions { RestartDelay = value });
        Assert.Equal(value, new SpeedOptions { EpochInterval = value }.EpochInterval);
    }

    [Fact]
    public void Limits_that_are_too_small_are_refused_by_their_name()
    {
        Assert.Throws<ArgumentOutOfRangeException>(nameof(SpeedOptions.MaxEventsPerCommit), () => new SpeedOptions { MaxEventsPerCommit = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(nameof(SpeedOptions.MaxEpochBytes), () => new SpeedOptions { MaxEpochBytes = (1 << 20) - 1 });
        Assert.Equal((1, 1L << 20), (new SpeedOptions { MaxEventsPerCommit = 1 }.MaxEventsPerCommit, new SpeedOptions { MaxEpochBytes = 1 << 20 }.MaxEpochBytes));
    }

    [Fact]
    public void A_copy_is_validated_too() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SpeedOptions.Default with { CommitInterval = TimeSpan.Zero });
}
