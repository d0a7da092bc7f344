using System.IO.Hashing;
using Microsoft.Win32.SafeHandles;

namespace Lambda.Batch.Scan.Pages;

/// <summary>The pages of a column of a row group, one after the other. Its buffers are used again from row group to row group.</summary>
internal sealed class PagedChunk
{
    /// <summary>Larger ones are left to the library, which need not have all of a chunk's bytes in memory.</summary>
    private const int LargestChunk = 1 << 28;
    private const int LargestPage = 1 << 28;

    private readonly List<(PageHeader Header, int Start)> _pages = [];
    private byte[] _chunk = [];
    private byte[] _plain = [];
    private PageCodec _codec;
    private int _next;

    /// <summary>Whether the values of the pages are all either plain or indices of a dictionary that is there.</summary>
    private bool HasKnownPages
    {
        get
        {
            bool hasDictionary = _pages.Count > 0 && _pages[0].Header.Kind == PageKind.Dictionary;
            return _pages.Index().All(page => page.Item.Header switch
            {
                { UncompressedSize: > LargestPage } => false,
                { Kind: PageKind.Dictionary } header => page.Index == 0 && header.Encoding is PageEncoding.Plain or PageEncoding.PlainDictionary,
                { Kind: PageKind.Data or PageKind.DataV2, LevelEncoding: PageEncoding.Rle, RepetitionBytes: 0 } header =>
                    header.Encoding == PageEncoding.Plain
                    || (hasDictionary && header.Encoding is PageEncoding.PlainDictionary or PageEncoding.RleDictionary),
                _ => false,
            });
        }
    }

    /// <summary>Reads the bytes of a chunk.</summary>
    /// <returns>False when there is anything about it that is not known here, so that the library has to read it, or to say what is wrong.</returns>
    public bool TryOpen(SafeFileHandle file, ChunkPlace place, long rows)
    {
        _pages.Clear();
        _next = 0;
        if (!BitConverter.IsLittleEndian || !place.IsReadable || place.Length > LargestChunk || place.Values != rows || !PageCompression.Knows(place.Codec))
        {
            return false;
        }

        _codec = place.Codec;
        int length = (int)place.Length;
        Reserve(ref _chunk, length);
        if (!TryRead(file, place.Offset, _chunk.AsSpan(0, length)))
        {
            return false;
        }

        try
        {
            FindPages(length);
        }
        catch (InvalidDataException)
        {
            return false;
        }

        return HasKnownPages && _pages.Where(page => page.Header.Kind != PageKind.Dictionary).Sum(page => (long)page.Header.Values) == rows;
    }

    /// <summary>Decompresses the next page; null when there is none. What was given before is of no meaning then.</summary>
    /// <param name="hasLevels">Whether data pages have definition levels.</param>
    /// <exception cref="InvalidDataException">The page is damaged.</exception>
    public Page? Next(bool hasLevels)
    {
        if (_next == _pages.Count)
        {
            return null;
        }

        (PageHeader header, int start) = _pages[_next++];
        ArraySegment<byte> body = new(_chunk, start, header.CompressedSize);
        if (header.Checksum is { } checksum && Crc32.HashToUInt32(body) != checksum)
        {
            throw new InvalidDataException("the checksum of a page is wrong");
        }

        bool isV2 = header.Kind == PageKind.DataV2;
        int levels = isV2 ? header.LevelBytes : 0;
        bool isCompressed = _codec != PageCodec.None && (!isV2 || header.IsCompressed);
        if (!isCompressed)
        {
            return header.UncompressedSize == header.CompressedSize
                ? Page.Of(header, _chunk, start, header.CompressedSize, hasLevels)
                : throw new InvalidDataException("a page has another length than it says");
        }

        if (levels > Math.Min(header.CompressedSize, header.UncompressedSize))
        {
            throw new InvalidDataException("a page is shorter than its levels");
        }

        Reserve(ref _plain, header.UncompressedSize);
        body.AsSpan(0, levels).CopyTo(_plain);
        PageCompression.Decompress(_codec, body[levels..], _plain.AsSpan(levels, header.UncompressedSize - levels));
        return Page.Of(header, _plain, 0, header.UncompressedSize, hasLevels);
    }

    private void FindPages(int length)
    {
        for (int at = 0; at < length;)
        {
            at += PageHeader.Read(_chunk.AsSpan(at, length - at), out PageHeader header);
            if (header.CompressedSize > length - at)
            {
                throw new InvalidDataException("a page ends early");
            }

            if (header.Kind != PageKind.Index)
            {
                _pages.Add((header, at));
            }

            at += header.CompressedSize;
        }
    }

    private static bool TryRead(SafeFileHandle file, long offset, Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            int read = offset < 0 ? 0 : RandomAccess.Read(file, bytes, offset);
            if (read == 0)
            {
                return false;
            }

            offset += read;
            bytes = bytes[read..];
        }

        return true;
    }

    private static void Reserve(ref byte[] buffer, int length)
    {
        if (buffer.Length < length + BitUnpacker.Slack)
        {
            buffer = GC.AllocateUninitializedArray<byte>(Math.Max(length + BitUnpacker.Slack, Math.Min(buffer.Length * 2, LargestPage)));
        }
    }
}
