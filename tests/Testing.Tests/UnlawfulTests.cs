using Lambda.Aggregation;
using Lambda.Definition;
using Lambda.Events;
using static Lambda.Testing.Tests.Flights;

namespace Lambda.Testing.Tests;

public class UnlawfulTests
{
    [Fact]
    public void An_aggregator_that_breaks_its_laws_shows_as_unexplained()
    {
        StreamBuilder<Flight> flights = Stream();
        var delays = flights.View("delays").Window(Hours)
            .Aggregate(a => new { Flights = a.Count(), Total = a.Custom(new ForgetfulSum(), f => f.Delay) });
        StreamTestDriver<Flight> driver = Drive(flights);

        driver.Send(At(1, "a", delay: 3));
        driver.SealEpochs();
        driver.Send(At(2, "b", delay: 4));
        driver.RunBatch();

        string? unexplained = Assert.Single(driver.Read(delays).Comparison).Unexplained;
        Assert.Equal("Both layers have read the same events of the window, and yet differ in total. The aggregate breaks its laws.", unexplained);
        Assert.Throws<LawViolationException>(() => AggregatorLaws.Of(new ForgetfulSum()).Check(random => random.Next(1, 9), seed: 1));
    }

    /// <summary>A sum whose merge keeps one side only.</summary>
    private readonly struct ForgetfulSum : IAggregator<long, long, long>
    {
        public string Signature => "forgetful-sum";

        public IReadOnlyList<StateColumn> StateColumns => [new StateColumn("", ColumnType.Int64)];

        public long CreateAccumulator() => 0;

        public void Add(ref long accumulator, long value) => accumulator += value;

        public void Merge(ref long accumulator, in long other) => accumulator = other;

        public long GetResult(in long accumulator) => accumulator;

        public void Write(in long accumulator, StateWriter writer) => writer.WriteInt64(accumulator);

        public long Read(StateReader reader) => reader.ReadInt64();
    }
}
