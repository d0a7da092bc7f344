using System.Buffers.Binary;
using System.IO.Hashing;
using Lambda.Batch.ForeignTables.Deletions;
using Lambda.Batch.History.Delta;

namespace Lambda.Batch.ForeignTables.Delta;

/// <summary>Reads deletion vectors, of which a file has several.</summary>
internal sealed class VectorFiles(TableFolder folder)
{
    /// <summary>The length of an identifier of a file in base 85, behind which a folder's name may stand before it.</summary>
    private const int IdentifierLength = 20;

    private (string Name, byte[] Content) _last = ("", []);

    /// <summary>The rows that a vector deletes.</summary>
    /// <exception cref="ForeignTableException">It is missing or damaged.</exception>
    public async Task<RowNumbers> ReadAsync(string dataFile, VectorPointer pointer, CancellationToken cancellationToken)
    {
        try
        {
            return RowNumbers.Read(
                pointer.Storage switch
                {
                    "i" => Base85.Decode(pointer.Text).AsSpan(0, pointer.Size),
                    "u" => await ContentAsync(pointer, cancellationToken).ConfigureAwait(false),
                    _ => throw folder.Unsupported(
                        $"a deletion vector of the kind '{pointer.Storage}' at '{pointer.Text}', for the file '{dataFile}'",
                        "Such vectors lie outside of the table's folder, as in a shallow clone; copy the table whole."),
                },
                pointer.Cardinality);
        }
        catch (Exception error) when (error is FormatException or ArgumentOutOfRangeException or OverflowException)
        {
            throw folder.Refuse(
                $"has a deletion vector for the file '{dataFile}' ({pointer.Storage}, '{pointer.Text}') that is damaged: {error.Message.TrimEnd('.')}. Restore it from a copy, or read another version",
                error);
        }
    }

    /// <summary>The vector's length, its bytes and their checksum lie at the offset.</summary>
    private async Task<byte[]> ContentAsync(VectorPointer pointer, CancellationToken cancellationToken)
    {
        string name = NameOf(pointer.Text);
        if (_last.Name != name)
        {
            _last = (name, await folder.ReadAsync(name, "file of deletion vectors", cancellationToken).ConfigureAwait(false));
        }

        int offset = pointer.Offset ?? 0;
        ReadOnlySpan<byte> rest = offset >= 0 && offset <= _last.Content.Length ? _last.Content.AsSpan(offset) : default;
        if (pointer.Size < 0 || rest.Length < sizeof(int) + pointer.Size + sizeof(uint) || BinaryPrimitives.ReadInt32BigEndian(rest) != pointer.Size)
        {
            throw new FormatException($"'{name}' has no vector of {pointer.Size} bytes at {offset}");
        }

        ReadOnlySpan<byte> vector = rest.Slice(sizeof(int), pointer.Size);
        return BinaryPrimitives.ReadUInt32BigEndian(rest[(sizeof(int) + pointer.Size)..]) == Crc32.HashToUInt32(vector)
            ? vector.ToArray()
            : throw new FormatException($"its bytes in '{name}' do not match their checksum");
    }

    private static string NameOf(string text)
    {
        if (text.Length < IdentifierLength)
        {
            throw new FormatException($"'{text}' names no file");
        }

        Guid identifier = new(Base85.Decode(text[^IdentifierLength..]), bigEndian: true);
        string file = $"deletion_vector_{identifier:D}.bin";
        return text.Length > IdentifierLength ? $"{text[..^IdentifierLength]}/{file}" : file;
    }
}
