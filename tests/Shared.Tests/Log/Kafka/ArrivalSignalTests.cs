using Lambda.Log.Kafka.Reading;
using Xunit;

namespace Lambda.Tests.Log.Kafka;

public sealed class ArrivalSignalTests
{
    // It went to the one who had given up, and whoever waited next slept beside records that had come: the queue tells of nothing more until it was empty again.
    [Fact]
    public void What_comes_after_a_wait_was_given_up_ends_the_next_one()
    {
        using ArrivalSignal signal = new();
        Task givenUp = signal.NextAsync();
        Assert.False(givenUp.IsCompleted);

        signal.Set();

        Assert.True(signal.NextAsync().IsCompleted);
        Assert.False(signal.NextAsync().IsCompleted);
    }
}
