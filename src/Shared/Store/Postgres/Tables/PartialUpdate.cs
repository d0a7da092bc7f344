namespace Lambda.Store.Postgres.Tables;

/// <summary>The statements that bring the epoch <c>$2</c> of partition <c>$1</c> up to date with touched partials, wherever these come from.</summary>
internal sealed class PartialUpdate
{
    /// <param name="table">The tables of the view version.</param>
    /// <param name="replaced">The columns that are no part of the address of a partial.</param>
    /// <param name="source">The touched partials as an item of FROM, named <c>staged</c>.</param>
    public PartialUpdate(ViewTable table, IReadOnlyList<string> replaced, string source)
    {
        ReplaceSql =
            $"""
            INSERT INTO {table.SpeedRowsName} (partition, epoch, {ViewTable.Address}, {table.PartialColumns})
            SELECT $1, $2, {ViewTable.Address}, {table.PartialColumns} FROM {source} WHERE events > 0
            ON CONFLICT ({table.AddressColumns}) DO UPDATE SET {string.Join(", ", replaced.Select(column => $"{column} = excluded.{column}"))}
            """;
        RemoveSql =
            $"""
            DELETE FROM {table.SpeedRowsName} AS kept USING {source} WHERE kept.partition = $1 AND kept.epoch = $2 AND staged.events = 0
                {string.Concat(table.AddressAndPositions.Select(column => $" AND kept.{column} = staged.{column}"))}
            """;
    }

    /// <summary>Puts the partials in place of what has the same address.</summary>
    public string ReplaceSql { get; }

    /// <summary>Removes what partials of no events stand for.</summary>
    public string RemoveSql { get; }
}
