using System.Text;
using Dapper;
using DuckDB.NET.Data;

namespace Lambda.Store.Embedded;

/// <summary>Conditions on partition and epoch that pick the speed partials of offset ranges. Epoch numbers rise with offsets.</summary>
internal static class EpochFilter
{
    /// <summary>Epochs that begin at the boundary or later.</summary>
    public static string From(DuckDBConnection connection, string stream, Boundary boundary) => Each(
        boundary.Partitions, FirstEpochs(connection, stream, boundary), first => $"epoch >= {first}");

    /// <summary>Epochs that begin before the boundary.</summary>
    public static string Below(DuckDBConnection connection, string stream, Boundary boundary) => Each(
        boundary.Partitions, FirstEpochs(connection, stream, boundary), first => $"epoch < {first}");

    /// <summary>Sealed epochs within two boundaries.</summary>
    public static string Within(DuckDBConnection connection, string stream, Boundary from, Boundary to)
    {
        Dictionary<int, string> ranges = [];
        foreach (IGrouping<int, (int Partition, long Epoch, long Start, long End)> partition in connection
            .Query<(int Partition, long Epoch, long Start, long End)>(
                "SELECT partition, epoch, start_offset, end_offset FROM sealed_epochs WHERE stream = $stream", new { stream })
            .Where(epoch => epoch.Start >= from[epoch.Partition] && epoch.End <= to[epoch.Partition])
            .GroupBy(epoch => epoch.Partition))
        {
            ranges[partition.Key] = $"epoch BETWEEN {partition.Min(epoch => epoch.Epoch)} AND {partition.Max(epoch => epoch.Epoch)}";
        }

        return Any(ranges.Select(range => (range.Key, range.Value)));
    }

    private static Dictionary<int, long> FirstEpochs(DuckDBConnection connection, string stream, Boundary boundary) => StreamReads
        .ReadEpochs(connection, stream)
        .Where(epoch => epoch.Offsets.Start >= boundary[epoch.Partition])
        .GroupBy(epoch => epoch.Partition)
        .ToDictionary(group => group.Key, group => group.Min(epoch => epoch.Epoch));

    private static string Each(int partitions, Dictionary<int, long> first, Func<long, string> condition) => Any(
        Enumerable.Range(0, partitions).Select(partition => (partition, condition(first.GetValueOrDefault(partition, long.MaxValue)))));

    private static string Any(IEnumerable<(int Partition, string Condition)> parts)
    {
        var sql = new StringBuilder();
        foreach ((int partition, string condition) in parts)
        {
            sql.Append(sql.Length == 0 ? "(" : " OR ").Append($"partition = {partition} AND {condition}");
        }

        return sql.Length == 0 ? "false" : sql.Append(')').ToString();
    }
}
