using System.Buffers.Binary;
using Lambda.Batch.ForeignTables.Deletions;

namespace Lambda.Batch.Tests.ForeignTables;

/// <summary>Bitmaps that are put together here byte by byte, by the published description of the portable form.</summary>
public sealed class RowNumbersTests
{
    [Fact]
    public void Numbers_of_every_form_are_read()
    {
        List<byte> bytes = [.. Begin(bitmaps: 2)];
        bytes.AddRange(UInt32(0));
        bytes.AddRange(UInt32(12346));
        bytes.AddRange(UInt32(2));
        bytes.AddRange([.. UInt16(0), .. UInt16(2 - 1), .. UInt16(3), .. UInt16(5000 - 1)]);
        bytes.AddRange([.. UInt32(0), .. UInt32(0)]);
        bytes.AddRange([.. UInt16(1), .. UInt16(65535)]);
        byte[] bits = new byte[8192];
        for (int i = 0; i < 5000; i++)
        {
            bits[i * 13 / 8] |= (byte)(1 << (i * 13 % 8));
        }

        bytes.AddRange(bits);
        bytes.AddRange(UInt32(2));
        bytes.AddRange(UInt32(12347 | (1 - 1) << 16));
        bytes.Add(1);
        bytes.AddRange([.. UInt16(7), .. UInt16(4 - 1)]);
        bytes.AddRange([.. UInt16(2), .. UInt16(10), .. UInt16(2), .. UInt16(65535), .. UInt16(0)]);
        long[] expected =
        [
            1, 65535, .. Enumerable.Range(0, 5000).Select(i => (3L << 16) + (i * 13)),
            .. new long[] { 10, 11, 12, 65535 }.Select(low => (2L << 32) + (7L << 16) + low),
        ];

        Assert.Equal(expected, RowNumbers.Read([.. bytes], expected.Length).All);
        for (int length = 0; length < bytes.Count; length += length < 64 ? 1 : 97)
        {
            Assert.Throws<FormatException>(() => RowNumbers.Read(bytes.GetRange(0, length).ToArray(), expected.Length));
        }

        Assert.Throws<FormatException>(() => RowNumbers.Read([.. bytes, 0], expected.Length));
        Assert.Throws<FormatException>(() => RowNumbers.Read([.. bytes], expected.Length - 1));
    }

    [Fact]
    public void Bitmaps_with_many_containers_and_runs_tell_where_each_begins()
    {
        List<byte> bytes = [.. Begin(bitmaps: 1), .. UInt32(0), .. UInt32(12347 | (4 - 1) << 16), 0b0100];
        for (ushort container = 0; container < 4; container++)
        {
            bytes.AddRange([.. UInt16(container), .. UInt16(container == 2 ? (ushort)2 : (ushort)0)]);
        }

        bytes.AddRange(new byte[4 * 4]);
        bytes.AddRange([.. UInt16(5), .. UInt16(6), .. UInt16(1), .. UInt16(100), .. UInt16(2), .. UInt16(8)]);

        Assert.Equal([5, 65542, 131172, 131173, 131174, 196616], RowNumbers.Read([.. bytes], 6).All);
    }

    [Fact]
    public void A_run_that_leads_out_of_its_container_and_a_number_of_more_than_63_bits_are_refused()
    {
        byte[] run = [.. Begin(bitmaps: 1), .. UInt32(0), .. UInt32(12347), 1, .. UInt16(0), .. UInt16(1), .. UInt16(1), .. UInt16(65535), .. UInt16(1)];
        byte[] large = [.. Begin(bitmaps: 1), .. UInt32(0x80000000), .. UInt32(12346), .. UInt32(0)];

        Assert.Contains("out of its container", Assert.Throws<FormatException>(() => RowNumbers.Read(run, 2)).Message, StringComparison.Ordinal);
        Assert.Contains("63 bits", Assert.Throws<FormatException>(() => RowNumbers.Read(large, 0)).Message, StringComparison.Ordinal);
        Assert.Contains("begins with", Assert.Throws<FormatException>(() => RowNumbers.Read(new byte[12], 0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Runs_that_say_the_same_rows_again_and_again_are_refused_before_they_fill_the_memory()
    {
        const ushort runs = 2_000;
        List<byte> bytes = [.. Begin(bitmaps: 1), .. UInt32(0), .. UInt32(12347), 1, .. UInt16(0), .. UInt16(65535), .. UInt16(runs)];
        for (int run = 0; run < runs; run++)
        {
            bytes.AddRange([.. UInt16(0), .. UInt16(65535)]);
        }

        byte[] vector = [.. bytes];
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<FormatException>(() => RowNumbers.Read(vector, 65536));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 << 20);
    }

    private static byte[] Begin(long bitmaps)
    {
        byte[] bytes = new byte[12];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, 1681511377);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(4), bitmaps);
        return bytes;
    }

    private static byte[] UInt32(uint value) => [(byte)value, (byte)(value >> 8), (byte)(value >> 16), (byte)(value >> 24)];

    private static byte[] UInt16(ushort value) => [(byte)value, (byte)(value >> 8)];
}
