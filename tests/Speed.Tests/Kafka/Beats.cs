using Lambda.Definition;
using Lambda.Windows;

namespace Lambda.Speed.Tests.Kafka;

/// <summary>The event of the hostile topic.</summary>
public sealed record Beat(string Id, DateTimeOffset Time, string Sensor, long Units);

internal static class Beats
{
    public const string Stream = "beats";
    public const string ByMinute = "by_minute";

    public static Catalog Catalog(int partitions)
    {
        StreamBuilder<Beat> stream = new StreamBuilder<Beat>(Stream)
            .EventTime(e => e.Time).EventId(e => e.Id).PartitionBy(e => e.Sensor).OutOfOrderness(TimeSpan.FromMinutes(1)).Partitions(partitions);
        stream.View(ByMinute)
            .GroupBy(e => e.Sensor)
            .Window(Tumbling.Every(TimeSpan.FromMinutes(1)))
            .Aggregate(a => new { Beats = a.Count(), Units = a.Sum(e => e.Units) });
        return Definition.Catalog.Build([stream]);
    }
}
