using System.Text;
using Lambda.Batch.Archive;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.History;
using Lambda.Batch.Tests.Support;
using Lambda.Log;
using Lambda.Store;
using Lambda.Time;
using Lambda.Views.Plans;

namespace Lambda.Batch.Tests.Archive;

public sealed class ArchiveRunTests
{
    private const string Stream = "baskets";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(13)]
    [InlineData(40)]
    public async Task Events_read_in_the_buffers_of_others_have_nothing_of_these(int recordsPerRun)
    {
        Random random = new(recordsPerRun);
        MemoryLog log = new();
        await log.EnsureStreamAsync(Stream, 2, Cancellation);
        for (int number = 0; number < 400; number++)
        {
            string json = random.Next(20) == 0 ? "{" : Baskets.Spelled(Baskets.Random(random, number));
            string unknown = random.Next(3) == 0 ? $",\"more\":\"{new string('x', random.Next(50))}\"}}" : "}";
            log.Append(Stream, random.Next(2), UtcMicroseconds.MaxValue, Encoding.UTF8.GetBytes(json[..^1] + unknown));
        }

        Boundary end = new([(await log.GetOffsetsAsync(Stream, 0, Cancellation)).End, (await log.GetOffsetsAsync(Stream, 1, Cancellation)).End]);
        using ArchiveRun whole = Over(log, new BatchOptions());
        await whole.ReadAsync(Boundary.Zero(2), end, [], Cancellation);
        using ArchiveRun run = Over(log, new BatchOptions { ArchiveRunRecords = recordsPerRun });
        List<string> rows = [];
        int refused = 0;
        for (Boundary reached = Boundary.Zero(2); !reached.Equals(end); reached = EndOf(run, reached))
        {
            await run.ReadAsync(reached, end, [], Cancellation);
            rows.AddRange(run.Events.SelectMany(Rows));
            refused += run.Rejected.Count;
        }

        string[] expected = [.. whole.Events.SelectMany(Rows).Order(StringComparer.Ordinal)];
        Assert.Equal(expected, rows.Order(StringComparer.Ordinal));
        Assert.Equal(whole.Rejected.Count, refused);
        Assert.True(refused > 0 && expected.Any(row => row.Contains("more", StringComparison.Ordinal)), $"{refused} were refused.");
    }

    [Fact]
    public void A_run_of_more_bytes_than_its_texts_may_take_is_refused()
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => new BatchOptions { ArchiveRunBytes = (1L << 30) + 1 });
        Assert.Contains("Give 1 to 1073741824 bytes.", error.Message, StringComparison.Ordinal);
    }

    private static ArchiveRun Over(MemoryLog log, BatchOptions options) =>
        new(log, new BatchStream(new StreamPlan(Baskets.Stream), 2, null!), AcceptedGaps.None, options);

    private static Boundary EndOf(ArchiveRun run, Boundary before) => new(
        Enumerable.Range(0, before.Partitions).Select(partition => run.Ranges.TryGetValue(partition, out OffsetRange range) ? range.End : before[partition]));

    private static IEnumerable<string> Rows(DecodedRun run) => Enumerable.Range(0, run.Events.Count).Select(row =>
        $"{run.Events.Partitions[row]} {run.Events.Offsets[row]} {Encoding.UTF8.GetString(EventJson.Write(run.Events, row))} "
        + Encoding.UTF8.GetString(run.Unknown[row]));
}
