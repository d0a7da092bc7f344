using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Lambda.Batch.Scan.Pages;

/// <summary>Where the pages of all columns of a file lie, by its footer. The library that reads footers otherwise does not tell.</summary>
/// <remarks>Fields by their numbers in parquet.thrift: FileMetaData, RowGroup, ColumnChunk and ColumnMetaData.</remarks>
internal sealed class ChunkDirectory
{
    private const int TrailerBytes = 8;
    private const int LongestFooter = 1 << 28;

    private readonly List<ChunkPlace[]> _rowGroups = [];

    private ChunkDirectory()
    {
    }

    /// <summary>The place of a column of a row group; null when the footer does not tell.</summary>
    public ChunkPlace? Find(int rowGroup, int column) =>
        rowGroup < _rowGroups.Count && column < _rowGroups[rowGroup].Length ? _rowGroups[rowGroup][column] : null;

    /// <summary>Reads the footer of a file; one that does not tell what is looked for gives a directory that finds nothing.</summary>
    public static ChunkDirectory Of(SafeFileHandle file)
    {
        ChunkDirectory directory = new();
        try
        {
            directory.Read(ReadFooter(file));
        }
        catch (InvalidDataException)
        {
            directory._rowGroups.Clear();
        }

        return directory;
    }

    private static byte[] ReadFooter(SafeFileHandle file)
    {
        long length = RandomAccess.GetLength(file);
        byte[] trailer = Read(file, length - TrailerBytes, TrailerBytes);
        int footer = BinaryPrimitives.ReadInt32LittleEndian(trailer);
        return trailer.AsSpan(sizeof(int)).SequenceEqual("PAR1"u8) && footer is > 0 and <= LongestFooter
            ? Read(file, length - TrailerBytes - footer, footer)
            : throw new InvalidDataException("there is no footer");
    }

    private static byte[] Read(SafeFileHandle file, long offset, int count)
    {
        byte[] bytes = new byte[offset >= 0 ? count : throw new InvalidDataException("the file is too short")];
        return RandomAccess.Read(file, bytes, offset) == count ? bytes : throw new InvalidDataException("the file is too short");
    }

    private void Read(ReadOnlySpan<byte> footer)
    {
        CompactReader reader = new(footer);
        CompactField field = default;
        while (reader.NextField(ref field))
        {
            if (field is { Id: 4, Type: CompactType.List })
            {
                int count = reader.ReadList(out _);
                for (int i = 0; i < count; i++)
                {
                    _rowGroups.Add(ReadRowGroup(ref reader));
                }
            }
            else
            {
                reader.Skip(field.Type);
            }
        }
    }

    private static ChunkPlace[] ReadRowGroup(ref CompactReader reader)
    {
        ChunkPlace[] chunks = [];
        CompactField field = default;
        while (reader.NextField(ref field))
        {
            if (field is { Id: 1, Type: CompactType.List })
            {
                chunks = new ChunkPlace[reader.ReadList(out _)];
                for (int i = 0; i < chunks.Length; i++)
                {
                    chunks[i] = ReadChunk(ref reader);
                }
            }
            else
            {
                reader.Skip(field.Type);
            }
        }

        return chunks;
    }

    private static ChunkPlace ReadChunk(ref CompactReader reader)
    {
        const int FilePath = 1;
        const int CryptoMetadata = 8;
        const int EncryptedMetadata = 9;
        ChunkPlace place = default;
        bool isElsewhere = false;
        CompactField field = default;
        while (reader.NextField(ref field))
        {
            if (field is { Id: 3, Type: CompactType.Struct })
            {
                place = ReadMetadata(ref reader);
            }
            else
            {
                isElsewhere |= field.Id is FilePath or CryptoMetadata or EncryptedMetadata;
                reader.Skip(field.Type);
            }
        }

        return place with { IsReadable = place.Length > 0 && !isElsewhere };
    }

    private static ChunkPlace ReadMetadata(ref CompactReader reader)
    {
        long codec = 0;
        long values = 0;
        long length = 0;
        long data = 0;
        long dictionary = 0;
        CompactField field = default;
        while (reader.NextField(ref field))
        {
            switch (field)
            {
                case { Id: 4, Type: CompactType.Int32 }:
                    codec = reader.ReadInteger();
                    break;
                case { Id: 5, Type: CompactType.Int64 }:
                    values = reader.ReadInteger();
                    break;
                case { Id: 7, Type: CompactType.Int64 }:
                    length = reader.ReadInteger();
                    break;
                case { Id: 9, Type: CompactType.Int64 }:
                    data = reader.ReadInteger();
                    break;
                case { Id: 11, Type: CompactType.Int64 }:
                    dictionary = reader.ReadInteger();
                    break;
                default:
                    reader.Skip(field.Type);
                    break;
            }
        }

        // Some writers say 0 where there is no dictionary.
        long offset = dictionary > 0 && dictionary < data ? dictionary : data;
        return new ChunkPlace(offset, length, (PageCodec)codec, values, IsReadable: false);
    }
}
