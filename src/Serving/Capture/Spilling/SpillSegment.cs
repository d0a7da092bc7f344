namespace Lambda.Capture.Spilling;

/// <summary>A file of a spill folder.</summary>
/// <param name="Number">Its number, which gives its place in the order.</param>
/// <param name="Path">Where it is.</param>
/// <param name="End">Up to where it holds events; what is behind was torn off by a crash.</param>
/// <param name="FileBytes">How many bytes it takes on disk.</param>
internal sealed record SpillSegment(long Number, string Path, long End, long FileBytes)
{
    public const string Extension = ".spill";

    /// <summary>The first bytes of a file, which say what it is and in which form.</summary>
    public static ReadOnlySpan<byte> Magic => "LMBSPL\0\u0001"u8;

    public static string PathOf(string folder, long number) => System.IO.Path.Combine(folder, $"{number:D16}{Extension}");

    /// <summary>The number in a file's name; null when the file is no segment.</summary>
    public static long? NumberOf(string path) =>
        long.TryParse(System.IO.Path.GetFileNameWithoutExtension(path), System.Globalization.NumberStyles.None, null, out long number) ? number : null;
}
