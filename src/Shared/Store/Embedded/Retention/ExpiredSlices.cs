using Dapper;
using DuckDB.NET.Data;
using Lambda.Store.Embedded.Tables;

namespace Lambda.Store.Embedded.Retention;

/// <summary>Which speed partials are of slices of time that ended before an instant.</summary>
internal static class ExpiredSlices
{
    /// <summary>Where the earliest of the partials begins; null when there are none.</summary>
    public static long? ReadFirstStart(DuckDBConnection connection, ViewTable table, string partials) =>
        connection.ExecuteScalar<long?>($"SELECT epoch_us(min(slice_start)) FROM {table.SpeedName} WHERE {partials}");

    /// <summary>Deletes slices that ended at the horizon or before.</summary>
    /// <param name="table">A table of slices.</param>
    /// <param name="horizon">In UTC microseconds.</param>
    /// <param name="superseded">The condition that a partial is superseded.</param>
    public static string DeleteSql(ViewTable table, long horizon, string superseded) =>
        $"DELETE FROM {table.SpeedName} WHERE slice_end <= make_timestamp('{horizon}'::BIGINT) AND {superseded}";
}
