using System.Buffers.Binary;
using System.Numerics;
using Lambda.Aggregation.Encoding;

namespace Lambda.Batch.Recompute.Parts;

/// <summary>
/// The offsets that a part has met, as bytes: per page of marks the lengths of runs of offsets that are and are not marked, or the marks themselves where those
/// are fewer bytes.
/// </summary>
internal static class CoverageCodec
{
    private const int WordBits = 64;
    private const int PageBits = OffsetCoverage.PageWords * WordBits;
    private const int PageBytes = OffsetCoverage.PageWords * sizeof(ulong);

    /// <summary>Writes all marks, and what is known of offsets that were seen again.</summary>
    public static void Write(ByteWriter writer, OffsetCoverage coverage)
    {
        for (int partition = 0; partition < coverage.Partitions; partition++)
        {
            IReadOnlyList<ulong[]?> pages = coverage.Pages(partition);
            writer.WriteUnsigned((ulong)pages.Count(page => page is not null));
            for (int index = 0; index < pages.Count; index++)
            {
                if (pages[index] is { } marks)
                {
                    writer.WriteUnsigned((ulong)index);
                    WritePage(writer, marks);
                }
            }
        }

        writer.WriteUnsigned((ulong)coverage.RepeatCount);
        PositionCodec.Write(writer, coverage.Repeats);
    }

    /// <summary>Reads what was written of a coverage of the same offsets into an empty one.</summary>
    /// <exception cref="FormatException">The bytes are no such coverage.</exception>
    public static void Read(ref ByteReader reader, OffsetCoverage coverage)
    {
        ulong[] marks = new ulong[OffsetCoverage.PageWords];
        for (int partition = 0; partition < coverage.Partitions; partition++)
        {
            for (int left = reader.ReadCount(); left > 0; left--)
            {
                ulong index = reader.ReadUnsigned();
                if (index >= (ulong)coverage.Pages(partition).Count)
                {
                    throw reader.Malformed($"partition {partition} has no page {index}");
                }

                ReadPage(ref reader, marks);
                try
                {
                    coverage.Merge(partition, (int)index, marks);
                }
                catch (ArgumentOutOfRangeException)
                {
                    throw reader.Malformed($"offsets of partition {partition} lie behind the boundary");
                }
            }
        }

        long repeats = (long)reader.ReadUnsigned();
        coverage.AddRepeats(repeats, PositionCodec.Read(ref reader));
    }

    private static void WritePage(ByteWriter writer, ulong[] marks)
    {
        ByteWriter runs = new(PartFile.Version);
        for (int place = 0; place < PageBits && runs.Length < PageBytes;)
        {
            int first = Next(marks, place, marked: true);
            int end = Next(marks, first, marked: false);
            runs.WriteUnsigned((ulong)(first - place));
            runs.WriteUnsigned((ulong)(end - first));
            place = end;
        }

        bool areRuns = runs.Length < PageBytes;
        writer.Take(1)[0] = areRuns ? (byte)1 : (byte)0;
        if (areRuns)
        {
            runs.ToArray().AsSpan(1).CopyTo(writer.Take(runs.Length - 1));
            return;
        }

        foreach (ulong word in marks)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(writer.Take(sizeof(ulong)), word);
        }
    }

    private static void ReadPage(ref ByteReader reader, ulong[] marks)
    {
        if (reader.Take(1)[0] == 0)
        {
            ReadOnlySpan<byte> words = reader.Take(PageBytes);
            for (int i = 0; i < marks.Length; i++)
            {
                marks[i] = BinaryPrimitives.ReadUInt64LittleEndian(words[(i * sizeof(ulong))..]);
            }

            return;
        }

        Array.Clear(marks);
        for (int place = 0; place < PageBits;)
        {
            ulong gap = reader.ReadUnsigned();
            ulong length = reader.ReadUnsigned();
            if (gap > PageBits || length > PageBits || gap + length == 0 || (ulong)place + gap + length > PageBits)
            {
                throw reader.Malformed("a run of offsets is longer than its page");
            }

            place += (int)gap;
            for (int end = place + (int)length; place < end;)
            {
                int shift = place % WordBits;
                int bits = Math.Min(WordBits - shift, end - place);
                marks[place / WordBits] |= (bits == WordBits ? ulong.MaxValue : (1UL << bits) - 1) << shift;
                place += bits;
            }
        }
    }

    /// <summary>The first place from one on that is marked, or is not; the end of the page when there is none.</summary>
    private static int Next(ulong[] marks, int place, bool marked)
    {
        while (place < PageBits)
        {
            ulong word = (marked ? marks[place / WordBits] : ~marks[place / WordBits]) >> (place % WordBits);
            if (word != 0)
            {
                return place + BitOperations.TrailingZeroCount(word);
            }

            place += WordBits - (place % WordBits);
        }

        return PageBits;
    }
}
