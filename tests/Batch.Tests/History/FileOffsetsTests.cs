using Lambda.Batch.History;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Files;
using Lambda.Batch.History.Reading;
using Lambda.Log;
using Lambda.Store;

namespace Lambda.Batch.Tests.History;

/// <summary>What is told of the offsets in a file decides which files are opened: none too few.</summary>
public sealed class FileOffsetsTests
{
    private const string Stats =
        """{"numRecords":2,"minValues":{"_partition":1,"_offset":10},"maxValues":{"_partition":3,"_offset":90}}""";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void They_are_those_of_the_rows_also_when_they_are_read_again(int seed)
    {
        Random random = new(seed);
        LogPosition[] positions = [.. Enumerable.Range(0, 500).Select(_ => new LogPosition(random.Next(7) * 3, random.NextInt64(long.MaxValue / 2)))];
        FileOffsets written = FileOffsets.Of([.. positions.Select((_, row) => new RowKey(0, new RowAddress(0, row)))], row => positions[row.Row]);

        Assert.True(FileOffsets.TryParse(written.ToString(), out FileOffsets? read));
        for (int partition = 0; partition < 20; partition++)
        {
            long[] offsets = [.. positions.Where(position => position.Partition == partition).Select(position => position.Offset)];
            OffsetRange? expected = offsets.Length == 0 ? null : new OffsetRange(offsets.Min(), offsets.Max() + 1);
            Assert.Equal((expected, expected), (written.In(partition), read.In(partition)));
        }
    }

    [Theory]
    [InlineData("0")]
    [InlineData("0:1")]
    [InlineData("0:1-x")]
    [InlineData("0:1-2 0:3-4")]
    [InlineData("0:-1-2")]
    [InlineData("99999999999:1-2")]
    [InlineData("1:1-2,")]
    public void A_text_that_is_none_tells_nothing_and_the_bounds_of_columns_count(string text)
    {
        Assert.False(FileOffsets.TryParse(text, out _));
        HistoryFile file = FileOf(new Dictionary<string, string> { [FileOffsets.Tag] = text });
        Assert.Equal([null, new OffsetRange(10, 91), new OffsetRange(10, 91), new OffsetRange(10, 91), null], Enumerable.Range(0, 5).Select(file.OffsetsIn));
    }

    [Fact]
    public void A_partition_that_is_ahead_has_no_file_of_others_opened()
    {
        HistoryFile file = FileOf(new Dictionary<string, string> { [FileOffsets.Tag] = "1:80-91 3:10-12" });
        Assert.False(Takes(file, from: [0, 91, 0, 12]));
        Assert.True(Takes(file, from: [0, 90, 0, 12]));
        Assert.True(Takes(file, from: [0, 91, 0, 11]));
        Assert.True(Takes(FileOf([]), from: [0, 91, 0, 12]));
        Assert.False(Takes(FileOf([]), from: [0, 91, 91, 91]));
    }

    [Theory]
    [InlineData("1:80-91 3:10-12", true)]
    [InlineData("1:80-92 3:10-12", false)]
    [InlineData("1:79-91 3:10-12", false)]
    [InlineData("1:80-91 4:1-2", false)]
    [InlineData("", true)]
    public void All_rows_are_taken_of_a_file_that_lies_within(string offsets, bool all)
    {
        HistoryFile file = FileOf(new Dictionary<string, string> { [FileOffsets.Tag] = offsets });
        Assert.Equal(all, new RowFilter(new Boundary([0, 80, 0, 10]), new Boundary([5, 91, 5, 12]), EventTimeRange.All).TakesAll(file));
        Assert.False(new RowFilter(new Boundary([0, 80, 0, 10]), new Boundary([5, 91, 5, 12]), new EventTimeRange(0, 5)).TakesAll(file));
    }

    [Fact]
    public void Of_a_file_without_a_tag_it_is_never_certain_that_all_rows_are_taken() =>
        Assert.False(new RowFilter(null, new Boundary([1000, 1000, 1000, 1000]), EventTimeRange.All).TakesAll(FileOf([])));

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public void Rows_of_many_partitions_have_no_tag_as_it_would_be_long(int partitions, bool fit)
    {
        RowKey[] rows = [.. Enumerable.Range(0, partitions).Select(row => new RowKey(0, new RowAddress(0, row)))];
        Assert.Equal(fit, FileOffsets.Of(rows, row => new LogPosition(row.Row, 1)).FitTag);
    }

    private static bool Takes(HistoryFile file, long[] from) =>
        new RowFilter(new Boundary(from), new Boundary([1000, 1000, 1000, 1000]), EventTimeRange.All).MayTake(file);

    private static HistoryFile FileOf(Dictionary<string, string> tags) =>
        HistoryFile.From(new AddFile("f", new Dictionary<string, string?> { ["_date"] = "2026-01-01" }, 1, 0, true, Stats, tags), "at");
}
