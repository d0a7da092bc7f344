using Lambda.Aggregation.Encoding;
using Lambda.Batch.Recompute;
using Lambda.Batch.Recompute.Parts;
using Lambda.Events;
using Lambda.Log;
using Lambda.Processing;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;

namespace Lambda.Batch.Tests.Recompute.Parts;

/// <summary>What parts write is read as it was; what is not theirs, or not whole, is refused.</summary>
public class CodecTests
{
    private static readonly PartIdentity Identity = new(Guid.Parse("0195b3a0-0000-7000-8000-000000000001"), 3, "0011223344556677", 12);

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Partials_of_any_layout_and_any_values_are_read_as_they_were(int seed)
    {
        Random random = new(seed);
        PartialLayout layout = RandomLayout(random);
        PartialBatch partials = RandomPartials(random, layout);
        int first = random.Next(partials.Count + 1);
        int end = random.Next(first, partials.Count + 1);
        ByteWriter writer = new(PartFile.Version);
        PartialBatchCodec.Write(writer, partials, first, end);
        PartialBatchCodec.Write(writer, partials, 0, partials.Count);

        ByteReader reader = new(writer.ToArray(), PartFile.Version, "partials");
        PartialBatch some = PartialBatchCodec.Read(ref reader, layout);
        PartialBatch all = PartialBatchCodec.Read(ref reader, layout);
        reader.End();

        string[] expected = [.. ComputedText.Of(partials)];
        PartsTests.Same($"seed {seed}", expected[first..end], [.. ComputedText.Of(some)]);
        PartsTests.Same($"seed {seed}", expected, [.. ComputedText.Of(all)]);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Coverages_of_parts_put_together_are_the_coverage_of_all_rows(int seed)
    {
        Random random = new(seed);
        Boundary start = new([random.NextInt64(1L << 50), 0]);
        Boundary end = new([start[0] + random.Next(1, 5_000_000), random.Next(0, 200)]);
        OffsetCoverage whole = new(start, end);
        OffsetCoverage[] parts = [.. Enumerable.Range(0, 3).Select(_ => new OffsetCoverage(start, end))];
        for (int run = random.Next(1, 60); run > 0; run--)
        {
            // Rows of one part at a time, some of which another part has too.
            int partition = end[1] > 0 ? random.Next(2) : 0;
            long first = random.NextInt64(start[partition], end[partition]);
            int step = random.Next(3) == 0 ? random.Next(1, 50) : 1;
            OffsetCoverage part = parts[random.Next(parts.Length)];
            for (long offset = first; offset < Math.Min(end[partition], first + random.Next(1, 3000)); offset += step)
            {
                whole.Mark(partition, offset);
                part.Mark(partition, offset);
            }
        }

        OffsetCoverage together = new(start, end);
        foreach (OffsetCoverage part in parts)
        {
            ByteWriter writer = new(PartFile.Version);
            CoverageCodec.Write(writer, part);
            ByteReader reader = new(writer.ToArray(), PartFile.Version, "coverage");
            OffsetCoverage read = new(start, end);
            CoverageCodec.Read(ref reader, read);
            reader.End();
            Assert.Equal(part.RepeatCount, read.RepeatCount);
            Assert.Equal(part.Repeats, read.Repeats);
            together.Merge(read);
        }

        Assert.True(whole.RepeatCount == together.RepeatCount, $"seed {seed}: {whole.RepeatCount} repeats became {together.RepeatCount}");
        for (int partition = 0; partition < 2; partition++)
        {
            Assert.Equal(whole.Missing(partition), together.Missing(partition));
        }

        Assert.All(together.Repeats, position => Assert.True(whole.Contains(position)));
        Assert.Equal(Math.Min(10, whole.RepeatCount), together.Repeats.Count);
    }

    [Fact]
    public void A_result_is_read_as_it_was()
    {
        PartResult result = Result();

        PartResult read = Read(result.ToFile(Identity));

        Assert.Equal((result.Attempt, result.Worker, result.Segments, result.Overtaken), (read.Attempt, read.Worker, read.Segments, read.Overtaken));
        Assert.Equal(result.RowsByDate, read.RowsByDate);
        Assert.Equal(result.Repetitions, read.Repetitions);
        Assert.Equal(result.Refused, read.Refused);
        Assert.Equal(result.Coverage.Missing(0), read.Coverage.Missing(0));
    }

    [Fact]
    public void A_file_with_any_bit_turned_is_refused()
    {
        byte[] file = Result().ToFile(Identity);
        for (int place = 0; place < file.Length; place++)
        {
            byte[] damaged = [.. file];
            damaged[place] ^= (byte)(1 << (place % 8));

            PartFormatException error = Assert.Throws<PartFormatException>(() => Read(damaged));

            Assert.StartsWith("'the file' ", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_file_that_is_cut_off_is_refused()
    {
        byte[] file = Result().ToFile(Identity);
        for (int length = 0; length < file.Length; length++)
        {
            Assert.Throws<PartFormatException>(() => Read(file[..length]));
        }

        Assert.Contains("damaged or cut off", Assert.Throws<PartFormatException>(() => Read(file[..^1])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_another_format_says_what_to_do()
    {
        byte[] file = Result().ToFile(Identity);
        file[8] = PartFile.Version + 1;

        Assert.Equal(
            "'the file' is of format 3, and this program reads format 2. Run the same version of the program in all batch processes.",
            Assert.Throws<PartFormatException>(() => Read(file)).Message);
    }

    [Fact]
    public void A_file_of_another_part_run_program_or_history_is_refused()
    {
        foreach (PartIdentity other in (PartIdentity[])
        [
            Identity with { Part = 4 }, Identity with { Run = Guid.Empty }, Identity with { Computation = "8899aabbccddeeff" }, Identity with { HistoryVersion = 13 },
        ])
        {
            Assert.Contains(
                $"is of {other}, where {Identity} was expected",
                Assert.Throws<PartFormatException>(() => Read(Result().ToFile(other))).Message,
                StringComparison.Ordinal);
        }
    }

    private static PartResult Read(byte[] file) => PartResult.FromFile(file, "the file", Identity, new Boundary([5]), new Boundary([50]));

    private static PartResult Result()
    {
        OffsetCoverage coverage = new(new Boundary([5]), new Boundary([50]));
        coverage.Mark(0, 7);
        coverage.Mark(0, 49);
        return new PartResult(
            Guid.Parse("0195b3a0-0000-7000-8000-0000000000aa"),
            "a machine, process 7",
            2,
            new Dictionary<DateOnly, long> { [new DateOnly(2024, 5, 4)] = 77, [new DateOnly(1969, 12, 31)] = 0 },
            4,
            [new LogPosition(0, 9), new LogPosition(0, 7)],
            [
                new RefusedRow(new LogPosition(0, 8), new DateOnly(2024, 5, 4), 1234567, RefusedBy.Check, RejectReason.CheckFailed, "not \ud83d\ude00 plausible"),
                new RefusedRow(new LogPosition(0, 6), new DateOnly(2024, 5, 4), -5, RefusedBy.View, RejectReason.ExpressionFailed, ""),
            ],
            coverage);
    }

    private static PartialLayout RandomLayout(Random random)
    {
        ColumnType[] types = Enum.GetValues<ColumnType>();
        return new PartialLayout(
            "stream",
            "view",
            "0000000000000000",
            [.. Enumerable.Range(0, random.Next(4)).Select(i => new PartialColumn($"k{i}", types[random.Next(types.Length)], true))],
            [.. Enumerable.Range(0, random.Next(9)).Select(i => new PartialColumn($"s{i}", types[random.Next(types.Length)], true))],
            Enum.GetValues<PartialAddressing>()[random.Next(3)]);
    }

    private static PartialBatch RandomPartials(Random random, PartialLayout layout)
    {
        PartialBatch partials = new(layout);
        double nulls = random.Next(3) / 4.0;
        for (int row = random.Next(40); row > 0; row--)
        {
            foreach (ColumnBuffer column in partials.Keys.Concat(partials.States))
            {
                AddRandom(random, column, nulls);
            }

            partials.Starts.Add(Long(random));
            partials.Ends.Add(Long(random));
            partials.Missed.Add((int)Long(random));
            partials.EventCounts.Add(Long(random));
            partials.Positions?.Add(new EventPosition((int)Long(random), Long(random)));
            partials.LiveSessions?.Add(new Lambda.Windows.TimeWindow(Long(random), Long(random)));
        }

        return partials;
    }

    private static void AddRandom(Random random, ColumnBuffer column, double nulls)
    {
        if (random.NextDouble() < nulls)
        {
            column.AddNull();
            return;
        }

        switch (column)
        {
            case ColumnBuffer<bool> values:
                values.Add(random.Next(2) == 0);
                break;
            case ColumnBuffer<int> values:
                values.Add((int)Long(random));
                break;
            case ColumnBuffer<long> values:
                values.Add(Long(random));
                break;
            case ColumnBuffer<Int128> values:
                values.Add(random.Next(4) switch { 0 => Int128.MinValue, 1 => Int128.MaxValue, _ => new Int128((ulong)Long(random), (ulong)Long(random)) });
                break;
            case ColumnBuffer<double> values:
                values.Add(random.Next(6) switch
                {
                    0 => -0.0,
                    1 => double.NaN,
                    2 => double.NegativeInfinity,
                    3 => double.Epsilon,
                    _ => BitConverter.Int64BitsToDouble(random.NextInt64()),
                });
                break;
            case ColumnBuffer<decimal> values:
                values.Add(random.Next(5) switch
                {
                    0 => decimal.MinValue,
                    1 => 1.0000000000000000000000000000m,
                    2 => new decimal(0, 0, 0, true, 7),
                    _ => new decimal(random.Next(), random.Next(), random.Next(-5, 5), random.Next(2) == 0, (byte)random.Next(29)),
                });
                break;
            case ColumnBuffer<string> values:
                values.Add(random.Next(6) switch { 0 => "", 1 => "\ud83d\ude00", 2 => "half \ud83d", 3 => "ümläut", _ => $"text {random.Next(5)}" });
                break;
            case ColumnBuffer<byte[]> values:
                byte[] bytes = new byte[random.Next(4) == 0 ? 300 : random.Next(5)];
                random.NextBytes(bytes);
                values.Add(bytes);
                break;
            default:
                throw new NotSupportedException($"{column.Type}");
        }
    }

    private static long Long(Random random) => random.Next(6) switch
    {
        0 => long.MinValue,
        1 => long.MaxValue,
        2 => 0,
        3 => random.Next(-3, 3),
        4 => int.MinValue,
        _ => random.NextInt64(),
    };
}
