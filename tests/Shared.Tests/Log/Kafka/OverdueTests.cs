using Lambda.Log.Kafka.Reading;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Lambda.Tests.Log.Kafka;

public sealed class OverdueTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Counts_from_the_first_answer_that_there_are_records()
    {
        var overdue = new Overdue(_time);
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(TimeSpan.Zero, Answer(overdue, TimeSpan.FromSeconds(1)));
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.FromSeconds(6), Answer(overdue, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void Counts_anew_after_brokers_that_were_away()
    {
        var overdue = new Overdue(_time);
        Answer(overdue, TimeSpan.Zero);

        Assert.Equal(TimeSpan.Zero, Answer(overdue, Overdue.PromptAnswer * 8));
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.FromSeconds(5), Answer(overdue, TimeSpan.Zero));
    }

    private TimeSpan Answer(Overdue overdue, TimeSpan taking)
    {
        long asked = _time.GetTimestamp();
        _time.Advance(taking);
        return overdue.Answered(asked);
    }
}
