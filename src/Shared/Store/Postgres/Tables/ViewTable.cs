using Lambda.Store.Postgres.Columns;
using Lambda.Store.Relational;
using Lambda.Views;
using Lambda.Views.Partials;

namespace Lambda.Store.Postgres.Tables;

/// <summary>
/// The tables of one view version. They and their columns are named by numbers: names of views and members come from users, may be longer than PostgreSQL's,
/// and may mean something in SQL.
/// </summary>
internal sealed class ViewTable
{
    /// <summary>The column with the end of the live session of a partial, where the layout has them.</summary>
    public const string LiveEnd = "live_end";

    /// <summary>The column that stands for the key in indexes and joins (see <see cref="KeyAddress"/>).</summary>
    public const string Address = "address";

    public ViewTable(int id, PartialLayout layout)
    {
        Id = id;
        Layout = layout;
        KeyColumns = [.. layout.Keys.Select((_, i) => $"k{i}")];
        string[] positions = layout.HasPositions ? ["first_partition", "first_offset"] : [];
        string[] live = layout.HasLiveSessions ? ["live_start", LiveEnd] : [];
        StateColumns = [.. layout.States.Select((_, i) => $"s{i}")];
        PartialColumns = string.Join(", ", ["slice_start", "slice_end", "missed", "events", .. positions, .. live, .. KeyColumns, .. StateColumns]);
        AddressColumns = string.Join(", ", ["partition", "epoch", "slice_start", "missed", Address, .. positions]);
        string types = string.Join(
            ", ",
            [
                $"{Address} bytea NOT NULL",
                "slice_start timestamptz NOT NULL",
                "slice_end timestamptz NOT NULL",
                "missed integer NOT NULL",
                "events bigint NOT NULL",
                .. layout.HasPositions ? (string[])["first_partition integer NOT NULL", "first_offset bigint NOT NULL"] : [],
                .. live.Select(column => $"{column} timestamptz NOT NULL"),
                .. layout.Keys.Select((column, i) => $"k{i} {PostgresTypes.ColumnSql(column.Type)}"),
                .. layout.States.Select((column, i) => $"s{i} {PostgresTypes.ColumnSql(column.Type)}"),
            ]);

        // Partials of the open epoch are updated over and over: with room in their page they stay there, and no index is touched.
        CreateSql =
            $"""
            CREATE TABLE {SpeedRowsName} (partition integer NOT NULL, epoch bigint NOT NULL, {types}, PRIMARY KEY ({AddressColumns}))
                WITH (fillfactor = 70);
            CREATE INDEX {SpeedRowsName}_key ON {SpeedRowsName} ({Address}, slice_start);
            SELECT {PackedPartials.AddFunction}({Id});
            CREATE TABLE {BatchName} (generation bigint NOT NULL, kind integer NOT NULL, {types}, {ReplacedBySql});
            {IndexSql(BatchName)};
            """;
        CreateStageSql = $"CREATE TEMP TABLE IF NOT EXISTS {StageName} ({types}) ON COMMIT DELETE ROWS";
        AddressAndPositions = [Address, "slice_start", "missed", .. positions];
        string[] replaced = ["slice_end", "events", .. live, .. StateColumns];
        int parameters = 1 + PartialColumns.Count(letter => letter == ',') + 1;
        Staged = new PartialUpdate(this, replaced, $"pg_temp.{StageName} AS staged");
        Given = new PartialUpdate(
            this, replaced, $"unnest({string.Join(", ", Enumerable.Range(3, parameters).Select(i => $"${i}"))}) AS staged ({Address}, {PartialColumns})");
    }

    /// <summary>The last column of the rows of generations.</summary>
    public static readonly string ReplacedBySql = $"replaced_by bigint NOT NULL DEFAULT {GenerationFilter.Held}";

    /// <summary>What finds the rows of generations: for queries by key and by time, and for removing what no generation holds any more.</summary>
    public static string IndexSql(string batchName) =>
        $"""
        CREATE INDEX {batchName}_key ON {batchName} (kind, {Address}, slice_start);
        CREATE INDEX {batchName}_time ON {batchName} (kind, slice_end);
        CREATE INDEX {batchName}_written ON {batchName} (generation);
        CREATE INDEX {batchName}_replaced ON {batchName} (replaced_by) WHERE replaced_by < {GenerationFilter.Held}
        """;

    /// <summary>The number of the view version, never used again for another.</summary>
    public int Id { get; }

    /// <summary>What the columns hold.</summary>
    public PartialLayout Layout { get; }

    /// <summary>The columns of the key.</summary>
    public IReadOnlyList<string> KeyColumns { get; }

    /// <summary>The columns of the states.</summary>
    public IReadOnlyList<string> StateColumns { get; }

    /// <summary>The columns of a partial, in the order of <see cref="Writers"/> and <see cref="Readers"/>.</summary>
    public string PartialColumns { get; }

    /// <summary>The columns that no two speed partials have the same values in.</summary>
    public string AddressColumns { get; }

    /// <summary>All speed partials, to be read: those of <see cref="SpeedRowsName"/> and of <see cref="PackedName"/>.</summary>
    public string SpeedName => $"speed_{Id}";

    /// <summary>Holds speed partials one in a row, with indexes.</summary>
    public string SpeedRowsName => SpeedRowsNameOf(Id);

    /// <summary>Holds speed partials many in a row, which have no index yet (see <see cref="PackedPartials"/>).</summary>
    public string PackedName => PackedNameOf(Id);

    public string BatchName => $"batch_{Id}";

    public string StageName => $"stage_{Id}";

    /// <summary>Holds how far the staged partials of keys reach that have many.</summary>
    public string ReachName => $"reach_{Id}";

    public string CreateSql { get; }

    public string CreateStageSql { get; }

    /// <summary>What tells the partials of an epoch apart.</summary>
    public IReadOnlyList<string> AddressAndPositions { get; }

    /// <summary>Brings an epoch up to date from the stage.</summary>
    public PartialUpdate Staged { get; }

    /// <summary>The same from parameters: <c>$3</c> is the array of addresses, and the columns of the partials follow in their order.</summary>
    public PartialUpdate Given { get; }

    public static string SpeedRowsNameOf(int id) => $"speed_rows_{id}";

    public static string PackedNameOf(int id) => $"packed_{id}";

    /// <summary>What takes the columns of a batch to the database.</summary>
    public static IReadOnlyList<ColumnWriter> Writers(PartialBatch batch) =>
    [
        ColumnWriter.Of(batch.Starts), ColumnWriter.Of(batch.Ends), ColumnWriter.Of(batch.Missed), ColumnWriter.Of(batch.EventCounts),
        .. batch.Positions is { } positions ? (ColumnWriter[])[ColumnWriter.Of(positions.Partitions), ColumnWriter.Of(positions.Offsets)] : [],
        .. batch.LiveSessions is { } live ? (ColumnWriter[])[ColumnWriter.Of(live.Starts), ColumnWriter.Of(live.Ends)] : [],
        .. batch.Keys.Select(ColumnWriter.OfKey), .. batch.States.Select(ColumnWriter.Of),
    ];

    /// <summary>What copies rows of a query into the columns of a batch.</summary>
    public static IReadOnlyList<ColumnReader> Readers(PartialBatch batch) =>
    [
        ColumnReader.Of(batch.Starts), ColumnReader.Of(batch.Ends), ColumnReader.Of(batch.Missed), ColumnReader.Of(batch.EventCounts),
        .. batch.Positions is { } positions ? (ColumnReader[])[ColumnReader.Of(positions.Partitions), ColumnReader.Of(positions.Offsets)] : [],
        .. batch.LiveSessions is { } live ? (ColumnReader[])[ColumnReader.Of(live.Starts), ColumnReader.Of(live.Ends)] : [],
        .. batch.Keys.Select(ColumnReader.Of), .. batch.States.Select(ColumnReader.Of),
    ];
}
