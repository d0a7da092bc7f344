using System.Buffers.Binary;
using System.IO.Hashing;
using Lambda.Batch.ForeignTables.Avro;
using Lambda.Batch.ForeignTables.Deletions;

namespace Lambda.Batch.ForeignTables.Iceberg;

/// <summary>Reads a deletion vector: a blob of a Puffin file, whose place a manifest has.</summary>
internal static class PuffinVector
{
    /// <summary>Reads it.</summary>
    /// <param name="entry">What the manifest says of it.</param>
    /// <param name="folder">The table.</param>
    /// <param name="metadata">Its metadata.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<RowNumbers> ReadAsync(AvroRow entry, TableFolder folder, IcebergMetadata metadata, CancellationToken cancellationToken)
    {
        string name = metadata.Relative(entry.Text("file_path"));
        string path = folder.Find(name, "file of deletion vectors");
        try
        {
            await using FileStream file = File.OpenRead(path);
            file.Seek(entry.Number("content_offset"), SeekOrigin.Begin);
            long size = entry.Number("content_size_in_bytes");
            byte[] blob = new byte[size <= file.Length ? size : throw new FormatException($"it has {file.Length} bytes, and the vector {size}")];
            await file.ReadExactlyAsync(blob, cancellationToken).ConfigureAwait(false);
            return Decode(blob, entry.Number("record_count"));
        }
        catch (Exception error) when (error is FormatException or OverflowException or EndOfStreamException or ArgumentException or IOException)
        {
            throw folder.Refuse(
                $"has a deletion vector in '{name}', for the file '{entry.Text("referenced_data_file")}', that is damaged: {error.Message.TrimEnd('.')}. Restore it from a copy, or read another snapshot",
                error);
        }
    }

    /// <summary>The length of what follows without the checksum at the end, the vector, the checksum.</summary>
    private static RowNumbers Decode(ReadOnlySpan<byte> blob, long count)
    {
        int length = blob.Length >= 2 * sizeof(int) ? BinaryPrimitives.ReadInt32BigEndian(blob) : -1;
        if (length != blob.Length - (2 * sizeof(int)))
        {
            throw new FormatException($"it has {blob.Length} bytes, which is not what it says itself");
        }

        ReadOnlySpan<byte> vector = blob.Slice(sizeof(int), length);
        return BinaryPrimitives.ReadUInt32BigEndian(blob[^sizeof(uint)..]) == Crc32.HashToUInt32(vector)
            ? RowNumbers.Read(vector, count)
            : throw new FormatException("its bytes do not match their checksum");
    }
}
