using System.Globalization;

namespace Lambda.Store.Relational;

/// <summary>
/// Where epochs end matters only to generations whose boundaries may come to lie there. Those that end before every boundary which can still be served become one, with the
/// number of the last of them: otherwise what a run reads of them would grow with the age of the stream.
/// </summary>
internal static class SealedEpochs
{
    /// <summary>The statements that merge those of a stream and of all its editions; none when it has no generation.</summary>
    /// <param name="stream">The SQL parameter with the stream's name.</param>
    /// <param name="kept">The boundaries of all generations that are kept.</param>
    public static IReadOnlyList<string> MergeSql(string stream, IReadOnlyCollection<Boundary> kept)
    {
        if (kept.Count == 0)
        {
            return [];
        }

        string floors = string.Join(", ", Enumerable.Range(0, kept.Min(boundary => boundary.Partitions)).Select(partition => string.Create(
            CultureInfo.InvariantCulture, $"({partition}, {kept.Min(boundary => boundary[partition])})")));
        string ended =
            $"""
            SELECT lane.stream, lane.partition, min(start_offset) AS start, max(epoch) AS last FROM sealed_epochs AS lane
            JOIN (VALUES {floors}) AS floors (partition, below) ON lane.partition = floors.partition AND end_offset <= below
            WHERE {EditionLane.IsOf("lane.stream", stream)}
            GROUP BY lane.stream, lane.partition HAVING count(*) > 1
            """;

        // The last one gets the start of the others before they are gone.
        return
        [
            $"""
            UPDATE sealed_epochs SET start_offset = start FROM ({ended}) AS ended
            WHERE sealed_epochs.stream = ended.stream AND sealed_epochs.partition = ended.partition AND epoch = last
            """,
            $"""
            DELETE FROM sealed_epochs USING ({ended}) AS ended
            WHERE sealed_epochs.stream = ended.stream AND sealed_epochs.partition = ended.partition AND epoch < last
            """,
        ];
    }
}
