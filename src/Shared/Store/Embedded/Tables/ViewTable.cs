using Lambda.Events;
using Lambda.Store.Embedded.Vectors;
using Lambda.Store.Relational;
using Lambda.Views;
using Lambda.Views.Partials;

namespace Lambda.Store.Embedded.Tables;

/// <summary>
/// The tables of one view version. They and their columns are named by numbers: names of views and members come from users, and DuckDB takes
/// names that differ in case for the same.
/// </summary>
internal sealed class ViewTable
{
    /// <summary>The column with the end of the live session of a partial, where the layout has them.</summary>
    public const string LiveEnd = "live_end";

    public ViewTable(int id, PartialLayout layout)
    {
        Id = id;
        Layout = layout;
        KeyColumns = [.. layout.Keys.Select((_, i) => $"k{i}")];
        PositionColumns = layout.HasPositions ? ["first_partition", "first_offset"] : [];
        string[] positions = layout.HasPositions ? ["first_partition INTEGER NOT NULL", "first_offset BIGINT NOT NULL"] : [];
        string[] liveColumns = layout.HasLiveSessions ? ["live_start", LiveEnd] : [];
        PartialColumns = string.Join(
            ", ",
            [
                "slice_start", "slice_end", "missed", "events", .. PositionColumns, .. liveColumns, .. KeyColumns,
                .. layout.States.SelectMany((column, i) => column.Type == ColumnType.Int128 ? (string[])[$"s{i}", $"s{i}_high"] : [$"s{i}"]),
            ]);
        string types = string.Join(
            ", ",
            [
                "slice_start TIMESTAMP NOT NULL",
                "slice_end TIMESTAMP NOT NULL",
                "missed INTEGER NOT NULL",
                "events BIGINT NOT NULL",
                .. positions,
                .. liveColumns.Select(column => $"{column} TIMESTAMP NOT NULL"),
                .. layout.Keys.Select((column, i) => $"k{i} {DuckDBTypes.ColumnSql(column.Type)}"),
                .. layout.States.SelectMany((column, i) => column.Type == ColumnType.Int128
                    ? (string[])[$"s{i} BIGINT", $"s{i}_high BIGINT"]
                    : [$"s{i} {DuckDBTypes.ColumnSql(column.Type)}"]),
            ]);
        CreateSql =
            $"CREATE TABLE {SpeedName} (partition INTEGER NOT NULL, epoch BIGINT NOT NULL, {types});"
            + $"CREATE TABLE {BatchName} (generation BIGINT NOT NULL, kind INTEGER NOT NULL, {types}, {ReplacedBySql})";
        CreateStageSql = $"CREATE OR REPLACE TEMP TABLE {StageName} ({types})";
        string addresses = string.Join(
            ", ",
            [
                "slice_start TIMESTAMP NOT NULL", "slice_end TIMESTAMP NOT NULL", .. positions, .. layout.Keys.Select((column, i) => $"k{i} {DuckDBTypes.ColumnSql(column.Type)}"),
            ]);
        CreateAroundSql = $"CREATE OR REPLACE TEMP TABLE {AroundName} ({addresses})";
    }

    /// <summary>The last column of the rows of generations.</summary>
    public static readonly string ReplacedBySql = $"replaced_by BIGINT DEFAULT {GenerationFilter.Held}";

    /// <summary>The number of the view version, never used again for another.</summary>
    public int Id { get; }

    /// <summary>What the columns hold.</summary>
    public PartialLayout Layout { get; }

    /// <summary>The columns of the key.</summary>
    public IReadOnlyList<string> KeyColumns { get; }

    /// <summary>The columns of the position of a partial's first event; none when the layout has no positions.</summary>
    public IReadOnlyList<string> PositionColumns { get; }

    /// <summary>The columns of a partial, in the order of <see cref="Writers"/> and <see cref="Readers"/>.</summary>
    public string PartialColumns { get; }

    public string SpeedName => $"speed_{Id}";

    public string BatchName => $"batch_{Id}";

    public string StageName => $"stage_{Id}";

    /// <summary>A table of the intervals, positions and keys of partials alone, that others are looked for by.</summary>
    public string AroundName => $"around_{Id}";

    public string CreateSql { get; }

    public string CreateStageSql { get; }

    public string CreateAroundSql { get; }

    /// <summary>What copies the columns of a batch into vectors.</summary>
    public static IReadOnlyList<VectorWriter> Writers(PartialBatch batch) =>
    [
        VectorWriter.Of(batch.Starts), VectorWriter.Of(batch.Ends), VectorWriter.Of(batch.Missed), VectorWriter.Of(batch.EventCounts),
        .. PositionWriters(batch),
        .. batch.LiveSessions is { } live ? (VectorWriter[])[VectorWriter.Of(live.Starts), VectorWriter.Of(live.Ends)] : [],
        .. batch.Keys.Select(VectorWriter.OfKey), .. batch.States.SelectMany(VectorWriter.OfState),
    ];

    /// <summary>What copies the intervals, positions and keys of a batch into vectors.</summary>
    public static IReadOnlyList<VectorWriter> AroundWriters(PartialBatch batch) =>
        [VectorWriter.Of(batch.Starts), VectorWriter.Of(batch.Ends), .. PositionWriters(batch), .. batch.Keys.Select(VectorWriter.OfKey)];

    /// <summary>What copies vectors into the columns of a batch.</summary>
    public static IReadOnlyList<VectorReader> Readers(PartialBatch batch) =>
    [
        VectorReader.Of(batch.Starts), VectorReader.Of(batch.Ends), VectorReader.Of(batch.Missed), VectorReader.Of(batch.EventCounts),
        .. batch.Positions is { } positions ? (VectorReader[])[VectorReader.Of(positions.Partitions), VectorReader.Of(positions.Offsets)] : [],
        .. batch.LiveSessions is { } live ? (VectorReader[])[VectorReader.Of(live.Starts), VectorReader.Of(live.Ends)] : [],
        .. batch.Keys.Select(VectorReader.Of), .. batch.States.SelectMany(VectorReader.OfState),
    ];

    /// <summary>The conditions that partials overlap a range and have a key.</summary>
    /// <exception cref="ViewStoreException">The key has a part that the view has not, or a value of another type.</exception>
    public IEnumerable<string> Conditions(WindowRange range, IReadOnlyDictionary<int, object?> key)
    {
        foreach (string condition in SqlLiteral.Overlaps("slice_start", "slice_end", range))
        {
            yield return condition;
        }

        foreach ((int part, object? value) in key)
        {
            if (part < 0 || part >= Layout.Keys.Count)
            {
                throw LayoutRules.NoSuchKeyPart(Layout, part);
            }

            ColumnType type = Layout.Keys[part].Type;
            string condition;
            try
            {
                condition = SqlLiteral.Matches(KeyColumns[part], type, value);
            }
            catch (ArgumentException failure)
            {
                throw new ViewStoreException(
                    $"Key part '{Layout.Keys[part].Name}' of view '{Layout.View}' holds values of type {type}: {failure.Message}", failure);
            }

            yield return condition;
        }
    }

    /// <summary>The condition that partials have keys of a piece; empty when all do.</summary>
    public IEnumerable<string> Conditions(KeyPiece keys)
    {
        if (keys.Count > 1)
        {
            // Columns of keys hold equal values in one form only, so that values which are equal have equal hashes. One that is null has a hash, too.
            string hash = KeyColumns.Count == 0 ? "0" : $"hash({string.Join(", ", KeyColumns)})";
            yield return $"{hash} % {keys.Count} = {keys.Number}";
        }
    }

    private static IReadOnlyList<VectorWriter> PositionWriters(PartialBatch batch) =>
        batch.Positions is { } positions ? [VectorWriter.Of(positions.Partitions), VectorWriter.Of(positions.Offsets)] : [];
}
