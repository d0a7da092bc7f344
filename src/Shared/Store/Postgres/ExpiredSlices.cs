using Lambda.Store.Postgres.Columns;

namespace Lambda.Store.Postgres;

/// <summary>Which speed partials are of slices of time that ended before an instant.</summary>
internal static class ExpiredSlices
{
    /// <summary>Where the earliest of the partials begins; null when there are none.</summary>
    public static string FirstStartSql(ViewTable table, string partials) =>
        $"SELECT {PostgresInstant.MicrosecondsSql("min(slice_start)")} FROM {table.SpeedName} WHERE {partials}";

    /// <summary>Deletes slices that ended at <c>@horizon</c> or before.</summary>
    /// <param name="table">A table of slices.</param>
    /// <param name="superseded">The condition that a partial is superseded.</param>
    public static string DeleteSql(ViewTable table, string superseded) =>
        $"DELETE FROM {table.SpeedName} WHERE slice_end <= @horizon AND {superseded}";
}
