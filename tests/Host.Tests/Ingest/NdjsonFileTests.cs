using System.IO.Pipes;
using System.Text;
using Lambda.Events.Json;
using Lambda.Hosting.Ingest;
using Xunit;

namespace Lambda.Host.Tests.Ingest;

public class NdjsonFileTests
{
    private const int MaxRecordBytes = 300_000;

    // The buffer begins with 256 KiB, so that lines of this length meet its end in all ways.
    private static readonly int[] Lengths = [0, 1, 2, 30, 1000, 131_072, 262_143, 262_144, MaxRecordBytes, MaxRecordBytes + 1, 900_000];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Lines_come_whole_and_in_order_however_they_arrive_and_too_long_ones_are_counted(int seed)
    {
        Random random = new(seed);
        string[] lines = [.. Enumerable.Range(0, 40).Select(_ => new string((char)random.Next('a', 'z'), Lengths[random.Next(Lengths.Length)]))];
        string[] ends = [.. lines.Select(_ => random.Next(2) == 0 ? "\n" : "\r\n")];
        ends[^1] = random.Next(2) == 0 ? "" : ends[^1];
        byte[] content = Encoding.UTF8.GetBytes(string.Concat(lines.Zip(ends, (line, end) => line + end)));
        await using NdjsonFile file = Open(new Trickle(content, random));

        List<(string Key, string Value)> read = await Streams.ReadAllAsync(file, random.Next(1, 20));

        Assert.Equal(lines.Where(line => line.Length is > 0 and <= MaxRecordBytes), read.Select(record => record.Value));
        (long Row, long Bytes)[] tooLong = [.. lines.Select((line, index) => (index + 1L, (long)line.Length)).Where(line => line.Item2 > MaxRecordBytes)];
        Assert.Equal(tooLong.Length, file.RefusedCount);
        Assert.Equal(tooLong.Take(10).Select(line => line.Row), file.Refused.Select(row => row.Row));
        Assert.All(tooLong.Take(10).Zip(file.Refused), pair => Assert.InRange(pair.Second.Bytes, pair.First.Bytes, pair.First.Bytes + 1));
    }

    /// <summary>As in <c>ingest &lt;(zcat events.gz)</c>. It could not be looked into for whether it is a Parquet file, which was called a defect of the program.</summary>
    [Fact]
    public async Task A_pipe_that_is_given_by_its_name_is_read_from_its_first_byte_on()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Descriptors have names in Linux.");
        await using AnonymousPipeServerStream pipe = new(PipeDirection.Out);
        string name = $"/proc/self/fd/{pipe.ClientSafePipeHandle.DangerousGetHandle()}";
        EventFile file = await EventFiles.OpenAsync(name, Streams.Readings, MaxRecordBytes, skip: 0, TestContext.Current.CancellationToken);
        await using (file)
        {
            await pipe.WriteAsync("{\"id\":\"a\"}\n"u8.ToArray(), TestContext.Current.CancellationToken);
            pipe.DisposeLocalCopyOfClientHandle();
            await pipe.DisposeAsync();

            Assert.Equal([("a", "{\"id\":\"a\"}")], await Streams.ReadAllAsync(file, 10));
        }
    }

    [Fact]
    public async Task Records_carry_their_partition_key()
    {
        await using NdjsonFile file = Open(new MemoryStream("{\"id\":\"a\"}\n{\"id\":7}\nnot json\n"u8.ToArray()));

        Assert.Equal([("a", "{\"id\":\"a\"}"), ("7", "{\"id\":7}"), ("", "not json")], await Streams.ReadAllAsync(file, 10));
    }

    [Fact]
    public async Task Records_that_were_taken_in_before_are_left_out()
    {
        await using NdjsonFile file = new(new MemoryStream("1\n\n2\n3\n4\n"u8.ToArray()), Keys(), LineOrigin.User)
        {
            Name = "it",
            MaxRecordBytes = MaxRecordBytes,
            Skip = 2,
        };

        Assert.Equal(["3", "4"], (await Streams.ReadAllAsync(file, 1)).Select(record => record.Value));
        Assert.Equal(4, file.Position);
    }

    [Fact]
    public async Task A_byte_order_mark_is_no_part_of_the_first_record()
    {
        await using NdjsonFile file = Open(new MemoryStream([0xEF, 0xBB, 0xBF, (byte)'1', (byte)'\n']));

        Assert.Equal("1", Assert.Single(await Streams.ReadAllAsync(file, 10)).Value);
    }

    [Fact]
    public async Task A_line_with_a_zero_byte_behind_lines_of_text_is_a_bad_record_like_others()
    {
        await using NdjsonFile file = Open(new MemoryStream("{\"id\":\"a\"}\n\0{}\n{\"id\":\"b\"}\n"u8.ToArray()));

        Assert.Equal(["{\"id\":\"a\"}", "\0{}", "{\"id\":\"b\"}"], (await Streams.ReadAllAsync(file, 10)).Select(record => record.Value));
    }

    [Theory]
    [InlineData("[{\"id\":\"a\"}]", "JSON array")]
    [InlineData("PAR1....", "Parquet")]
    [InlineData("a\0b", "not a text file")]
    [InlineData("a\nb\0", "not a text file")]
    [InlineData("{\0\"\0i\0d\0\"\0:\01\0}\0\n\0", "not a text file")]
    public async Task Files_of_another_format_are_refused_as_a_whole(string content, string why)
    {
        await using NdjsonFile file = Open(new MemoryStream(Encoding.UTF8.GetBytes(content)));

        IngestException error = await Assert.ThrowsAsync<IngestException>(() => Streams.ReadAllAsync(file, 10));

        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }

    private static NdjsonFile Open(Stream content) => new(content, Keys(), LineOrigin.User) { Name = "it", MaxRecordBytes = MaxRecordBytes };

    private static RecordKeyReader Keys() => new(Streams.Readings.Schema, Streams.Readings.PartitionKey);

    /// <summary>A pipe that gives its content in pieces.</summary>
    private sealed class Trickle(byte[] content, Random random) : MemoryStream(content)
    {
        public override bool CanSeek => false;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (random.Next(2) == 0)
            {
                await Task.Yield();
            }

            int most = random.Next(3) == 0 ? random.Next(1, 100) : random.Next(1, 500_000);
            return Read(buffer.Span[..Math.Min(buffer.Length, most)]);
        }
    }
}
