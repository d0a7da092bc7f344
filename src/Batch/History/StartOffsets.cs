using System.Globalization;
using Lambda.Batch.History.Delta;
using Lambda.Store;

namespace Lambda.Batch.History;

/// <summary>
/// The setting of a table that says which offset each partition begins at. It is made with the table and never changes: a store that is set up anew over an
/// older history may begin further behind. Partitions that the stream got later begin at 0.
/// </summary>
internal static class StartOffsets
{
    public const string Setting = "lambda.startOffsets";

    public static string Write(Boundary starts) =>
        string.Join(',', starts.Offsets.Select(offset => offset.ToString(CultureInfo.InvariantCulture)));

    /// <summary>The starts that a table notes, and 0 for partitions of which it notes none.</summary>
    /// <exception cref="HistoryException">The setting is none that <see cref="Write"/> writes, or is for more partitions.</exception>
    public static Boundary Read(DeltaMetadata metadata, int partitions, string table)
    {
        if (!metadata.Configuration.TryGetValue(Setting, out string? text))
        {
            return Boundary.Zero(partitions);
        }

        string[] parts = text.Split(',');
        long[] starts = new long[partitions];
        bool isGood = parts.Length <= partitions;
        for (int i = 0; i < parts.Length && isGood; i++)
        {
            isGood = long.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out starts[i]);
        }

        return isGood
            ? new Boundary(starts)
            : throw new HistoryException(
                $"The setting '{Setting}' of the Delta table '{table}' is '{text}', and the stream has {partitions} partitions: another program has changed "
                + "it, or the history is of another stream. Restore the table's log from a copy.");
    }
}
