using System.Buffers.Binary;

namespace Lambda.Batch.Scan.Pages;

/// <summary>A page that is not compressed any more.</summary>
/// <param name="Header">Its header.</param>
/// <param name="Bytes">What it lies in, with <see cref="BitUnpacker.Slack"/> bytes more behind it.</param>
/// <param name="Levels">Where its definition levels are; empty when it has none.</param>
/// <param name="Values">Where its values are.</param>
internal readonly record struct Page(PageHeader Header, byte[] Bytes, (int Start, int End) Levels, (int Start, int End) Values)
{
    /// <summary>The bytes of its values.</summary>
    public ReadOnlySpan<byte> ValueBytes => Bytes.AsSpan(Values.Start, Values.End - Values.Start);

    /// <summary>Whether values are indices of the dictionary.</summary>
    public bool HasIndices => Header.Encoding is PageEncoding.PlainDictionary or PageEncoding.RleDictionary;

    /// <summary>Finds the parts of a page.</summary>
    /// <exception cref="InvalidDataException">It is shorter than they are.</exception>
    public static Page Of(PageHeader header, byte[] bytes, int start, int length, bool hasLevels)
    {
        int end = start + length;
        int levels = start;
        int values = header.Kind == PageKind.DataV2 ? header.LevelBytes : 0;
        if (header.Kind == PageKind.Data && hasLevels)
        {
            levels += sizeof(int);
            values = length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(start));
        }

        return values >= 0 && values <= end - levels
            ? new Page(header, bytes, (levels, levels + values), (levels + values, end))
            : throw new InvalidDataException("a page is shorter than its levels");
    }
}
