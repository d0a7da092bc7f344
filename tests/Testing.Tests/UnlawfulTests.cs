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

    // It ended with the exception of the first value that was refused, though to refuse values is allowed.
    [Fact]
    public void Laws_are_checked_on_the_values_that_an_aggregator_takes()
    {
        AggregatorLaws.Of(new ShortSum(Largest: 15)).Check(random => random.Next(20), seed: 1);

        LawViolationException none = Assert.Throws<LawViolationException>(() => AggregatorLaws.Of(new ShortSum(Largest: -1)).Check(random => random.Next(100), seed: 1));
        LawViolationException many = Assert.Throws<LawViolationException>(() => AggregatorLaws.Of(new ShortSum(Largest: 200)).Check(random => random.Next(100), seed: 1));

        Assert.Contains("Add refuses every value", none.Message, StringComparison.Ordinal);
        Assert.Contains("it throws OverflowException", many.Message, StringComparison.Ordinal);
        Assert.Contains("short-sum, seed 1, values [", many.Message, StringComparison.Ordinal);
    }

    // Results were compared by their properties alone, and a tuple or a plain struct has none: what only fields show went unnoticed.
    [Fact]
    public void Laws_are_checked_on_the_public_fields_of_results()
    {
        LawViolationException broken = Assert.Throws<LawViolationException>(() => AggregatorLaws.Of(new HalfStored()).Check(random => random.Next(1, 9), seed: 1));

        Assert.Contains("reading gives another state than was written", broken.Message, StringComparison.Ordinal);
    }

    /// <summary>What <see cref="HalfStored"/> comes to, in fields.</summary>
    private struct Extremes
    {
        public int Count;
        public int Largest;
    }

    /// <summary>Does not write all that its results are made of.</summary>
    private readonly struct HalfStored : IAggregator<int, Extremes, Extremes>
    {
        public string Signature => "half-stored";

        public IReadOnlyList<StateColumn> StateColumns => [new StateColumn("", ColumnType.Int64)];

        public Extremes CreateAccumulator() => default;

        public void Add(ref Extremes accumulator, int value) =>
            accumulator = new Extremes { Count = accumulator.Count + 1, Largest = Math.Max(accumulator.Largest, value) };

        public void Merge(ref Extremes accumulator, in Extremes other) =>
            accumulator = new Extremes { Count = accumulator.Count + other.Count, Largest = Math.Max(accumulator.Largest, other.Largest) };

        public Extremes GetResult(in Extremes accumulator) => accumulator;

        public void Write(in Extremes accumulator, StateWriter writer) => writer.WriteInt64(accumulator.Count);

        public Extremes Read(StateReader reader) => new() { Count = (int)reader.ReadInt64() };
    }

    /// <summary>A sum that refuses large values, and overflows beyond 255.</summary>
    private readonly record struct ShortSum(int Largest) : IAggregator<int, byte, int>
    {
        public string Signature => "short-sum";

        public IReadOnlyList<StateColumn> StateColumns => [new StateColumn("", ColumnType.Int64)];

        public byte CreateAccumulator() => 0;

        public void Add(ref byte accumulator, int value) => accumulator = value <= Largest
            ? checked((byte)(accumulator + value))
            : throw new ArgumentOutOfRangeException(nameof(value), value, "Too large.");

        public void Merge(ref byte accumulator, in byte other) => accumulator = checked((byte)(accumulator + other));

        public int GetResult(in byte accumulator) => accumulator;

        public void Write(in byte accumulator, StateWriter writer) => writer.WriteInt64(accumulator);

        public byte Read(StateReader reader) => (byte)reader.ReadInt64();
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
