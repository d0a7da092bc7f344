namespace Lambda.Hosting.Ingest;

/// <summary>The four bytes that a Parquet file begins and ends with.</summary>
internal static class ParquetSignature
{
    /// <summary>The signature twice and the length of the footer: nothing shorter is a Parquet file.</summary>
    private const int LeastLength = 12;

    private static ReadOnlySpan<byte> Signature => "PAR1"u8;

    /// <summary>Whether a file begins with it. A pipe cannot be looked into, as what is read of it is gone.</summary>
    public static bool IsAtStart(FileStream file) => file.CanSeek && IsAt(file, 0);

    /// <summary>What is wrong with a file that cannot be a whole Parquet file; null when nothing is seen.</summary>
    public static string? Defect(FileStream file) => file.Length switch
    {
        0 => "it is empty",
        < LeastLength => $"it has {file.Length} bytes, which is less than the shortest Parquet file has",
        _ when !IsAt(file, 0) => "it does not begin with the bytes 'PAR1', so it is something else",
        _ when !IsAt(file, file.Length - Signature.Length) => "it does not end with the bytes 'PAR1', so a part of it is missing",
        _ => null,
    };

    private static bool IsAt(FileStream file, long position)
    {
        Span<byte> found = stackalloc byte[4];
        int length = RandomAccess.Read(file.SafeFileHandle, found, position);
        return found[..length].SequenceEqual(Signature);
    }
}
