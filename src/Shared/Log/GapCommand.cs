namespace Lambda.Log;

/// <summary>The command by which a person lets a stream go on without what its log has lost.</summary>
internal static class GapCommand
{
    /// <summary>The command line, without the program's name.</summary>
    public static string For(string stream, int partition, OffsetRange lost) =>
        $"accept-gap {stream} --partition {partition} --offsets {lost.Start}-{lost.End}";
}
