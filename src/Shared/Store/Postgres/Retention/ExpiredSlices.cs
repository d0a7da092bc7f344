using Lambda.Store.Postgres.Columns;
using Lambda.Store.Postgres.Tables;

namespace Lambda.Store.Postgres.Retention;

/// <summary>Which speed partials are of slices of time that ended before an instant.</summary>
internal static class ExpiredSlices
{
    /// <summary>Where the earliest of the partials begins; null when there are none.</summary>
    public static string FirstStartSql(ViewTable table, string partials) =>
        $"SELECT {PostgresInstant.MicrosecondsSql("min(slice_start)")} FROM {table.SpeedName} WHERE {partials}";

    /// <summary>Deletes slices that ended at <c>@horizon</c> or before; of those that are packed a piece when all of it did.</summary>
    /// <param name="table">A table of slices.</param>
    /// <param name="superseded">The condition that a partial is superseded.</param>
    public static string DeleteSql(ViewTable table, string superseded) =>
        $"""
        DELETE FROM {table.PackedName} WHERE {PackedPartials.LastEnd} <= @horizon AND {superseded};
        DELETE FROM {table.SpeedRowsName} WHERE slice_end <= @horizon AND {superseded}
        """;
}
