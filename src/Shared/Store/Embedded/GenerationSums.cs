using System.Numerics;
using Dapper;
using DuckDB.NET.Data;
using Lambda.Store.Embedded.Vectors;

namespace Lambda.Store.Embedded;

/// <summary>Compares generations without reading their rows: sums over hashes do not depend on the order of rows.</summary>
internal static class GenerationSums
{
    /// <summary>Whether two generations hold the same partials of a view among those that overlap a range.</summary>
    public static bool AreSame(DuckDBConnection connection, ViewTable table, long one, long other, WindowRange range) =>
        Read(connection, table, one, range) == Read(connection, table, other, range);

    private static (long Count, BigInteger Sum) Read(DuckDBConnection connection, ViewTable table, long generation, WindowRange range)
    {
        string where = string.Join(
            " AND ",
            [
                GenerationRows.Filter(connection, table.Layout.Stream, generation, table.BatchName),
                .. SqlLiteral.Overlaps("slice_start", "slice_end", range),
            ]);
        return connection.QuerySingle<(long, BigInteger)>(
            $"SELECT count(*), coalesce(sum(hash(kind, {table.PartialColumns})::HUGEINT), 0) FROM {table.BatchName} WHERE {where}");
    }
}
