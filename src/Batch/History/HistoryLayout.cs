using System.Buffers;

namespace Lambda.Batch.History;

/// <summary>Where a stream's tables lie in a storage.</summary>
internal static class HistoryLayout
{
    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");

    public static string EventsOf(string stream) => $"{Checked(stream)}/events";

    public static string QuarantineOf(string stream) => $"{Checked(stream)}/quarantine";

    public static string VoidsOf(string stream) => $"{Checked(stream)}/voids";

    public static string DeletionsOf(string stream) => $"{Checked(stream)}/deletions";

    /// <summary>Where runs keep what their parts have computed; no table.</summary>
    public static string RunsOf(string stream) => $"{Checked(stream)}/runs";

    private static string Checked(string stream) =>
        stream.Length > 0 && stream[0] != '.' && !stream.AsSpan().ContainsAnyExcept(Allowed)
            ? stream
            : throw new DefinitionException(
                $"Stream '{stream}' cannot have a history: its name becomes a folder, so use letters, digits, '_', '-' and '.' only, and no '.' in "
                + "front.");
}
