namespace Lambda.Batch.Scan.Pages;

/// <summary>The header of a page.</summary>
/// <remarks>Fields by their numbers in parquet.thrift: PageHeader, DataPageHeader, DictionaryPageHeader and DataPageHeaderV2.</remarks>
/// <param name="Kind">What the page holds.</param>
/// <param name="UncompressedSize">How many bytes it has when it is not compressed any more.</param>
/// <param name="CompressedSize">How many bytes follow the header.</param>
/// <param name="Checksum">The CRC-32 of these; null when there is none.</param>
internal readonly record struct PageHeader(PageKind Kind, int UncompressedSize, int CompressedSize, uint? Checksum)
{
    /// <summary>How many values it has, nulls included.</summary>
    public int Values { get; private init; }

    /// <summary>How values are encoded.</summary>
    public PageEncoding Encoding { get; private init; }

    /// <summary>How definition levels are encoded.</summary>
    public PageEncoding LevelEncoding { get; private init; } = PageEncoding.Rle;

    /// <summary>In pages of version 2, how many bytes definition levels take.</summary>
    public int LevelBytes { get; private init; }

    /// <summary>In pages of version 2, how many bytes repetition levels take.</summary>
    public int RepetitionBytes { get; private init; }

    /// <summary>Whether the values are compressed by the codec of the column.</summary>
    public bool IsCompressed { get; private init; } = true;

    /// <summary>Reads a header.</summary>
    /// <param name="bytes">What begins with it.</param>
    /// <param name="header">The header.</param>
    /// <returns>How many bytes it takes.</returns>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static int Read(ReadOnlySpan<byte> bytes, out PageHeader header)
    {
        CompactReader reader = new(bytes);
        header = new PageHeader((PageKind)(-1), -1, -1, null);
        CompactField field = default;
        while (reader.NextField(ref field))
        {
            switch (field)
            {
                case { Id: 1, Type: CompactType.Int32 }:
                    header = header with { Kind = (PageKind)reader.ReadInt32() };
                    break;
                case { Id: 2, Type: CompactType.Int32 }:
                    header = header with { UncompressedSize = reader.ReadInt32() };
                    break;
                case { Id: 3, Type: CompactType.Int32 }:
                    header = header with { CompressedSize = reader.ReadInt32() };
                    break;
                case { Id: 4, Type: CompactType.Int32 }:
                    header = header with { Checksum = (uint)reader.ReadInt32() };
                    break;
                case { Id: 5, Type: CompactType.Struct }:
                    header = ReadOf(PageKind.Data, ref reader, header);
                    break;
                case { Id: 7, Type: CompactType.Struct }:
                    header = ReadOf(PageKind.Dictionary, ref reader, header);
                    break;
                case { Id: 8, Type: CompactType.Struct }:
                    header = ReadOf(PageKind.DataV2, ref reader, header);
                    break;
                default:
                    reader.Skip(field.Type);
                    break;
            }
        }

        return header is { UncompressedSize: >= 0, CompressedSize: >= 0, Values: >= 0, LevelBytes: >= 0, RepetitionBytes: >= 0 }
            ? reader.Position
            : throw new InvalidDataException("a page has an impossible size");
    }

    /// <summary>Reads the part of a header that is of one kind of pages; numbers of fields differ from kind to kind.</summary>
    private static PageHeader ReadOf(PageKind kind, ref CompactReader reader, PageHeader header)
    {
        CompactField field = default;
        while (reader.NextField(ref field))
        {
            switch (kind, field)
            {
                case (_, { Id: 1, Type: CompactType.Int32 }):
                    header = header with { Values = reader.ReadInt32() };
                    break;
                case (PageKind.Data or PageKind.Dictionary, { Id: 2, Type: CompactType.Int32 }):
                case (PageKind.DataV2, { Id: 4, Type: CompactType.Int32 }):
                    header = header with { Encoding = (PageEncoding)reader.ReadInt32() };
                    break;
                case (PageKind.Data, { Id: 3, Type: CompactType.Int32 }):
                    header = header with { LevelEncoding = (PageEncoding)reader.ReadInt32() };
                    break;
                case (PageKind.DataV2, { Id: 5, Type: CompactType.Int32 }):
                    header = header with { LevelBytes = reader.ReadInt32() };
                    break;
                case (PageKind.DataV2, { Id: 6, Type: CompactType.Int32 }):
                    header = header with { RepetitionBytes = reader.ReadInt32() };
                    break;
                case (PageKind.DataV2, { Id: 7, Type: CompactType.True or CompactType.False }):
                    header = header with { IsCompressed = field.Type == CompactType.True };
                    break;
                default:
                    reader.Skip(field.Type);
                    break;
            }
        }

        return header;
    }
}

/// <summary>What pages hold, by the codes of the format.</summary>
internal enum PageKind
{
    Data = 0,
    Index = 1,
    Dictionary = 2,
    DataV2 = 3,
}

/// <summary>How values and levels are encoded, by the codes of the format.</summary>
internal enum PageEncoding
{
    Plain = 0,

    /// <summary>Of dictionary pages the older name for plain, of data pages for indices of the dictionary.</summary>
    PlainDictionary = 2,
    Rle = 3,
    RleDictionary = 8,
}
