using Dapper;
using DuckDB.NET.Data;
using Lambda.Store.Relational;

namespace Lambda.Store.Embedded.Streams;

/// <summary>Makes partitions known that a stream has got in its log.</summary>
internal static class StreamGrowth
{
    /// <summary>Has a stream and each of its editions begin further partitions at their first offset, unless it has as many already.</summary>
    /// <returns>How many were added.</returns>
    /// <exception cref="ViewStoreException">The store does not know the stream, or has no numbers for so many partitions.</exception>
    public static int Grow(DuckDBConnection connection, string stream, int partitions)
    {
        LayoutRules.RequireNumbers(stream, partitions);
        int known = connection.QuerySingleOrDefault<int?>("SELECT partitions FROM streams WHERE stream = $stream", new { stream })
            ?? throw LayoutRules.UnknownStream(stream);
        if (known >= partitions)
        {
            return 0;
        }

        int added = partitions - known;
        string zeros = AddedPartitions.Zeros(added);
        connection.Execute(
            """
            INSERT INTO partitions
            SELECT stream, added, 0, 0, 0, 0, NULL, NULL, NULL, 0, 0, false, 0, edition, 0
            FROM partitions CROSS JOIN range($known, $partitions) AS all_added(added)
            WHERE partition = 0 AND (stream = $stream OR stream IN (SELECT stream || '~' || edition FROM editions WHERE stream = $stream))
            """,
            new { stream, known, partitions });
        connection.Execute($"UPDATE generations SET boundary = {AddedPartitions.Append("boundary", "$zeros")} WHERE stream = $stream", new { stream, zeros });
        connection.Execute(
            $"UPDATE view_versions SET coverage = {AddedPartitions.Append("coverage", "$zeros")}, "
            + $"withdrawn_offsets = {AddedPartitions.Append("withdrawn_offsets", "$zeros")} WHERE stream = $stream",
            new { stream, zeros });
        connection.Execute($"UPDATE editions SET archived_to = {AddedPartitions.Append("archived_to", "$zeros")} WHERE stream = $stream", new { stream, zeros });
        foreach ((int edition, string coverage) in connection.Query<(int, string)>(
            "SELECT edition, coverage FROM editions WHERE stream = $stream", new { stream }).ToList())
        {
            Dictionary<int, string> grown = StoredJson.Read<Dictionary<int, string>>(coverage)
                .ToDictionary(version => version.Key, version => AddedPartitions.Append(version.Value, added));
            connection.Execute(
                "UPDATE editions SET coverage = $coverage WHERE stream = $stream AND edition = $edition",
                new { coverage = StoredJson.Write(grown), stream, edition });
        }

        connection.Execute("UPDATE streams SET partitions = $partitions WHERE stream = $stream", new { stream, partitions });
        return added;
    }
}
