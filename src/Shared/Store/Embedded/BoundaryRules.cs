using Dapper;
using DuckDB.NET.Data;

namespace Lambda.Store.Embedded;

/// <summary>What the boundary of a generation must satisfy.</summary>
internal static class BoundaryRules
{
    /// <summary>
    /// Requires that the boundary is one of the stream, does not go back, and cuts no epoch. An open epoch may begin below it when it has not
    /// come as far: its owner must seal it there, which every commit checks.
    /// </summary>
    /// <exception cref="ViewStoreException">It does not.</exception>
    public static void Check(DuckDBConnection connection, string stream, Boundary boundary)
    {
        List<OpenRow> partitions = [.. connection.Query<OpenRow>(
            "SELECT partition, epoch, epoch_start AS Start, next_offset AS Next FROM partitions WHERE stream = $stream ORDER BY partition",
            new { stream })];
        if (partitions.Count != boundary.Partitions)
        {
            throw new ViewStoreException(
                $"A boundary of {boundary.Partitions} partitions was given for stream '{stream}', which has {partitions.Count}.");
        }

        if (GenerationRow.ReadCurrent(connection, stream) is { } current && !boundary.Covers(current.Boundary))
        {
            throw new ViewStoreException(
                $"Boundary {boundary} of stream '{stream}' lies before {current.Boundary}, which the current generation "
                + $"{current.Generation} covers. Speed partials below it may have expired; compute from a newer version of the history.");
        }

        foreach (OpenRow open in partitions)
        {
            long offset = boundary[open.Partition];
            if (open.Epoch > 0 && open.Start < offset && offset <= open.Next && open.Next > open.Start)
            {
                throw Cut(stream, open.Partition, offset, open.Epoch);
            }
        }

        foreach (OpenRow epoch in connection.Query<OpenRow>(
            "SELECT partition, epoch, start_offset AS Start, end_offset AS Next FROM sealed_epochs WHERE stream = $stream", new { stream }))
        {
            if (epoch.Start < boundary[epoch.Partition] && boundary[epoch.Partition] < epoch.Next)
            {
                throw Cut(stream, epoch.Partition, boundary[epoch.Partition], epoch.Epoch);
            }
        }
    }

    private static ViewStoreException Cut(string stream, int partition, long offset, long epoch) => new(
        $"Offset {offset} of partition {partition} of stream '{stream}' cannot be a boundary: epoch {epoch} lies on both sides or is still open. "
        + "Take the end of a sealed epoch.");

    private sealed class OpenRow
    {
        public int Partition { get; init; }

        public long Epoch { get; init; }

        public long Start { get; init; }

        public long Next { get; init; }
    }
}
