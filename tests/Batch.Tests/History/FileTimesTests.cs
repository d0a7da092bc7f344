using Lambda.Batch.History;
using Lambda.Batch.History.Delta;
using Lambda.Time;

namespace Lambda.Batch.Tests.History;

/// <summary>What is told of the times in a file decides whether it is read: other programs cut the latest one to milliseconds.</summary>
public sealed class FileTimesTests
{
    private static readonly long Noon = UtcMicroseconds.From(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData("2026-01-01T12:00:00.123456Z", 123_456)]
    [InlineData("2026-01-01T13:00:00.123456+01:00", 123_456)]
    [InlineData("2026-01-01T12:00:00.123Z", 123_999)]
    [InlineData("2026-01-01T12:00:00.123456", 123_456)]
    [InlineData("2026-01-01 12:00:00.123", 123_999)]
    [InlineData("2026-01-01T12:00:00Z", 999)]
    [InlineData("2026-01-01T20:00:00.123+08:00", 123_999)]
    [InlineData("2026-01-01T04:00:00.123-08:00", 123_999)]
    public void The_latest_time_is_not_earlier_than_what_was_cut(string told, long microseconds)
    {
        string stats = $$"""{"numRecords":2,"minValues":{"at":"2026-01-01T11:00:00.000Z"},"maxValues":{"at":"{{told}}"} }""";

        HistoryFile file = HistoryFile.From(new AddFile("f", new Dictionary<string, string?> { ["_date"] = "2026-01-01" }, 1, 0, true, stats, new Dictionary<string, string>()), "at");

        Assert.Equal(Noon + microseconds, file.LastTime);
    }
}
