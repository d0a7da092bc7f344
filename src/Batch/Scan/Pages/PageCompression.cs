using System.IO.Compression;
using Snappier;
using ZstdSharp;

namespace Lambda.Batch.Scan.Pages;

/// <summary>Undoes the compression of pages.</summary>
internal static class PageCompression
{
    /// <summary>Whether pages of a codec can be read.</summary>
    public static bool Knows(PageCodec codec) =>
        codec is PageCodec.None or PageCodec.Snappy or PageCodec.Gzip or PageCodec.Brotli or PageCodec.Zstd;

    /// <summary>Decompresses.</summary>
    /// <param name="codec">How.</param>
    /// <param name="source">All bytes that are compressed.</param>
    /// <param name="destination">Takes exactly what they stand for.</param>
    /// <exception cref="InvalidDataException">They stand for something of another length, or for nothing.</exception>
    public static void Decompress(PageCodec codec, ArraySegment<byte> source, Span<byte> destination)
    {
        bool isWhole;
        try
        {
            isWhole = codec switch
            {
                PageCodec.None => source.Count == destination.Length && source.AsSpan().TryCopyTo(destination),
                PageCodec.Snappy => Snappy.GetUncompressedLength(source) == destination.Length && Snappy.Decompress(source, destination) == destination.Length,
                PageCodec.Gzip => Unzip(source, destination),
                PageCodec.Brotli => BrotliDecoder.TryDecompress(source, destination, out int length) && length == destination.Length,
                PageCodec.Zstd => Unzstd(source, destination),
                _ => throw new ArgumentOutOfRangeException(nameof(codec), codec, "Such pages cannot be read."),
            };
        }
        catch (Exception error) when (error is ZstdException or ArgumentException or InvalidOperationException or IndexOutOfRangeException)
        {
            throw new InvalidDataException($"a page cannot be decompressed ({error.Message.Trim()})", error);
        }

        if (!isWhole)
        {
            throw new InvalidDataException("a page has another length than it says when it is decompressed");
        }
    }

    private static bool Unzip(ArraySegment<byte> source, Span<byte> destination)
    {
        using MemoryStream zipped = new(source.Array!, source.Offset, source.Count, writable: false);
        using GZipStream plain = new(zipped, CompressionMode.Decompress);
        bool isFull = plain.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false) == destination.Length;
        return isFull && plain.ReadByte() < 0;
    }

    private static bool Unzstd(ArraySegment<byte> source, Span<byte> destination)
    {
        using Decompressor decompressor = new();
        return decompressor.Unwrap(source, destination) == destination.Length;
    }
}
