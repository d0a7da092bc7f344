using System.Security.Cryptography;

namespace Lambda.Batch.Recompute.Parts;

/// <summary>
/// The form that all files of a part have: eight bytes that name it, a byte for its version, SHA-256 of what follows, and that. So whatever is damaged,
/// cut off or of another version of the program is found before anything of it is used.
/// </summary>
internal static class PartFile
{
    /// <summary>The version of everything that is in such files; another one for each change of it.</summary>
    public const byte Version = 2;

    private const int HeadLength = 8 + 1 + SHA256.HashSizeInBytes;

    private static ReadOnlySpan<byte> Mark => "LAMPART\n"u8;

    /// <summary>Makes a file of its content.</summary>
    public static byte[] Seal(ReadOnlySpan<byte> content)
    {
        byte[] file = new byte[HeadLength + content.Length];
        Mark.CopyTo(file);
        file[Mark.Length] = Version;
        SHA256.HashData(content, file.AsSpan(Mark.Length + 1));
        content.CopyTo(file.AsSpan(HeadLength));
        return file;
    }

    /// <summary>The content of a file.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">The file as messages name it.</param>
    /// <exception cref="PartFormatException">It is no such file, of another version, damaged, or cut off.</exception>
    public static ReadOnlySpan<byte> Open(ReadOnlySpan<byte> file, string name)
    {
        if (file.Length < Mark.Length + 1 || !file.StartsWith(Mark))
        {
            throw new PartFormatException(
                $"'{name}' is not what a part of a run has computed. Remove what other programs keep in the folder of runs; nothing of it is ever used.");
        }

        if (file[Mark.Length] != Version)
        {
            throw new PartFormatException(
                $"'{name}' is of format {file[Mark.Length]}, and this program reads format {Version}. Run the same version of the program in all batch processes.");
        }

        if (file.Length < HeadLength || !SHA256.HashData(file[HeadLength..]).AsSpan().SequenceEqual(file[(Mark.Length + 1)..HeadLength]))
        {
            throw new PartFormatException(
                $"'{name}' is damaged or cut off: its checksum is not that of its content. Look after the disk or the storage that holds it.");
        }

        return file[HeadLength..];
    }
}
