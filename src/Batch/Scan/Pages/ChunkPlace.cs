namespace Lambda.Batch.Scan.Pages;

/// <summary>Where the pages of a column of a row group lie in a file.</summary>
/// <param name="Offset">Where the first of them begins.</param>
/// <param name="Length">How many bytes they take, headers included.</param>
/// <param name="Codec">How they are compressed.</param>
/// <param name="Values">How many values there are, nulls included.</param>
/// <param name="IsReadable">False when they lie in another file or are encrypted.</param>
internal readonly record struct ChunkPlace(long Offset, long Length, PageCodec Codec, long Values, bool IsReadable);

/// <summary>How pages are compressed, by the codes of the format.</summary>
internal enum PageCodec
{
    None = 0,
    Snappy = 1,
    Gzip = 2,
    Brotli = 4,
    Zstd = 6,
}
