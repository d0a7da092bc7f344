using System.Text;
using Lambda.Definition;
using Lambda.Views;
using Lambda.Windows;

namespace Lambda.Speed.Tests.Fixtures;

/// <summary>A stream whose only view has windows of ten minutes that slide by five; nothing may come out of order.</summary>
internal static class SlidingLate
{
    /// <summary>An append time after all events, in UTC microseconds.</summary>
    public const long AppendedAt = 24 * 60 * Readings.Minute;

    public static StreamDefinition Stream(string name)
    {
        StreamBuilder<Tick> stream = new StreamBuilder<Tick>(name).EventTime(e => e.Time).EventId(e => e.Id).OutOfOrderness(TimeSpan.Zero);
        stream.View("sliding")
            .Window(Sliding.Every(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10)))
            .Aggregate(a => new { Events = a.Count() });
        return Catalog.Build([stream]).Streams[0];
    }

    public static byte[] Json(string time) => Encoding.UTF8.GetBytes($$"""{"id":"{{time}}","time":"1970-01-01T{{time}}:00Z"}""");

    public sealed record Tick(string Id, DateTimeOffset Time);
}
