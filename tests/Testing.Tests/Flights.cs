using Lambda.Definition;
using Lambda.Windows;

namespace Lambda.Testing.Tests;

/// <summary>A stream of flights with one view of each form that the tests need.</summary>
internal static class Flights
{
    public static readonly DateTimeOffset Start = new(2001, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static StreamBuilder<Flight> Stream(int partitions = 1) => new StreamBuilder<Flight>("flights")
        .EventTime(f => f.Date).EventId(f => f.Id).PartitionBy(f => f.Origin).Partitions(partitions)
        .Check("plausible delay", f => f.Delay > -180);

    public static StreamTestDriver<Flight> Drive(StreamBuilder<Flight> stream) => StreamTestDriver.For(stream, Start.AddDays(1));

    public static WindowSpec Hours { get; } = Tumbling.Every(TimeSpan.FromHours(1));

    /// <summary>A flight so many minutes after the start.</summary>
    public static Flight At(int minute, string id, string origin = "LAS", long delay = 1, string? destination = "SFO") =>
        new(id, Start.AddMinutes(minute), origin, destination, delay);
}
