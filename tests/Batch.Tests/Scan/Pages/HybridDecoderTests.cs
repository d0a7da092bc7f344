using System.Numerics;
using Lambda.Batch.Scan.Pages;

namespace Lambda.Batch.Tests.Scan.Pages;

/// <summary>Numbers in runs and in bits are read as a simple writer wrote them, in pieces of any size.</summary>
public sealed class HybridDecoderTests
{
    public static IEnumerable<TheoryDataRow<int>> Widths => Enumerable.Range(0, 33).Select(width => new TheoryDataRow<int>(width));

    [Theory]
    [MemberData(nameof(Widths))]
    public void Numbers_are_those_that_were_written(int width)
    {
        for (int seed = 0; seed < 50; seed++)
        {
            Random random = new((seed * 100) + width);
            (byte[] bytes, List<int> written) = Write(random, width);
            const int Before = 3;
            byte[] page = [.. new byte[Before], .. bytes, .. RandomBytes(random, BitUnpacker.Slack)];
            HybridDecoder decoder = new(Before, Before + bytes.Length, width);
            int[] read = new int[written.Count];
            for (int at = 0; at < read.Length;)
            {
                int count = Math.Min(read.Length - at, random.Next(1, 300));
                decoder.Read(page, read.AsSpan(at, count));
                at += count;
            }

            Assert.True(written.SequenceEqual(read), $"width {width}, seed {seed}");
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void What_ends_early_is_an_error(int width)
    {
        Random random = new(width);
        (byte[] bytes, List<int> written) = Write(random, width);
        for (int cut = 0; cut < bytes.Length; cut++)
        {
            byte[] page = [.. bytes[..cut], .. new byte[BitUnpacker.Slack]];
            HybridDecoder decoder = new(0, cut, width);
            int[] read = new int[written.Count + BitUnpacker.Group];
            Assert.Throws<InvalidDataException>(() => decoder.Read(page, read));
        }
    }

    [Fact]
    public void A_run_of_one_number_can_be_passed_over_at_once()
    {
        byte[] page = [200 << 1 & 0x7F | 0x80, 200 >> 6, 1, 3 << 1, 0, .. new byte[BitUnpacker.Slack]];
        HybridDecoder decoder = new(0, 5, width: 1);

        Assert.True(decoder.TrySkipRepeated(page, number: 1, 150));
        Assert.False(decoder.TrySkipRepeated(page, number: 1, 51));
        Assert.False(decoder.TrySkipRepeated(page, number: 0, 1));
        int[] rest = new int[53];
        decoder.Read(page, rest);
        Assert.Equal([.. Enumerable.Repeat(1, 50), 0, 0, 0], rest);
    }

    private static (byte[] Bytes, List<int> Numbers) Write(Random random, int width)
    {
        List<byte> bytes = [];
        List<int> numbers = [];
        for (int run = random.Next(1, 12); run > 0; run--)
        {
            if (random.Next(2) == 0)
            {
                int count = random.Next(1, 400);
                int number = Number(random, width);
                WriteVarint(bytes, (uint)count << 1);
                bytes.AddRange(BitConverter.GetBytes(number)[..((width + 7) / 8)]);
                numbers.AddRange(Enumerable.Repeat(number, count));
            }
            else
            {
                int groups = random.Next(1, 40);
                WriteVarint(bytes, ((uint)groups << 1) | 1);
                BigInteger packed = 0;
                for (int i = 0; i < groups * 8; i++)
                {
                    int number = Number(random, width);
                    packed |= (BigInteger)(uint)number << (i * width);
                    numbers.Add(number);
                }

                byte[] content = packed.ToByteArray(isUnsigned: true);
                bytes.AddRange(content[..Math.Min(content.Length, groups * width)]);
                bytes.AddRange(new byte[Math.Max(0, (groups * width) - content.Length)]);
            }
        }

        return ([.. bytes], numbers);
    }

    private static int Number(Random random, int width) => (int)(random.NextInt64() & ((1L << width) - 1));

    private static byte[] RandomBytes(Random random, int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static void WriteVarint(List<byte> bytes, uint value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
    }
}
