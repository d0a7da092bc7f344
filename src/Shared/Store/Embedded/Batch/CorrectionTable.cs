using Dapper;
using DuckDB.NET.Data;
using DuckDB.NET.Native;
using Lambda.Events;
using Lambda.Store.Embedded.Tables;
using Lambda.Store.Embedded.Vectors;
using Lambda.Store.Relational;

namespace Lambda.Store.Embedded.Batch;

/// <summary>What publications changed.</summary>
internal static class CorrectionTable
{
    /// <summary>Adds corrections that a publication makes.</summary>
    public static void Add(
        DuckDBConnection connection,
        ViewCatalog catalog,
        string stream,
        long generation,
        long publishedAt,
        IReadOnlyList<Correction> corrections)
    {
        foreach (IGrouping<(string View, string Version), Correction> group in corrections.GroupBy(c => (c.View, c.Version)))
        {
            Add(connection, catalog.Find(stream, group.Key.View, group.Key.Version), generation, publishedAt, group);
        }
    }

    /// <summary>Removes those that a generation would have made which was not published.</summary>
    public static void Remove(DuckDBConnection connection, ViewTable table, long generation) =>
        connection.Execute("DELETE FROM corrections WHERE view_version = $id AND generation = $generation", new { id = table.Id, generation });

    /// <summary>The corrections of windows that overlap a range, newest publication first, then by window start, key and position.</summary>
    public static IReadOnlyList<PublishedCorrection> Read(DuckDBConnection connection, ViewTable table, WindowRange range, int limit) =>
        [.. connection.Query<CorrectionRow>(
            $"""
            SELECT {CorrectionRow.Columns}
            FROM corrections WHERE view_version = $id AND window_start < $to AND window_end > $from
                AND generation NOT IN (SELECT generation FROM generations WHERE stream = $stream AND state = 'Writing')
            ORDER BY generation DESC, window_start, group_key, first_partition, first_offset LIMIT $limit
            """,
            new { id = table.Id, to = range.To, from = range.From, stream = table.Layout.Stream, limit }).Select(row => row.ToCorrection(table.Layout))];

    private static void Add(
        DuckDBConnection connection, ViewTable table, long generation, long publishedAt, IEnumerable<Correction> corrections)
    {
        var key = new ColumnBuffer<string>(ColumnType.String);
        var start = new ColumnBuffer<long>(ColumnType.Int64);
        var end = new ColumnBuffer<long>(ColumnType.Int64);
        var before = new ColumnBuffer<string>(ColumnType.String);
        var after = new ColumnBuffer<string>(ColumnType.String);
        ColumnBuffer<long>[] reasons = [.. Enumerable.Range(0, 4).Select(_ => new ColumnBuffer<long>(ColumnType.Int64))];
        var partition = new ColumnBuffer<int>(ColumnType.Int32);
        var offset = new ColumnBuffer<long>(ColumnType.Int64);
        foreach (Correction correction in corrections)
        {
            key.Add(correction.Key);
            start.Add(correction.WindowStart);
            end.Add(correction.WindowEnd);
            AddOrNull(before, correction.Before);
            AddOrNull(after, correction.After);
            reasons[0].Add(correction.Reasons.Late);
            reasons[1].Add(correction.Reasons.Duplicates);
            reasons[2].Add(correction.Reasons.Quarantined);
            reasons[3].Add(correction.Reasons.Unexplained);
            AddOrNull(partition, correction.First?.Partition);
            AddOrNull(offset, correction.First?.Offset);
        }

        ChunkAppend.Run(
            connection,
            null,
            "corrections",
            [
                new ConstantVectorWriter<int>(DuckDBType.Integer, table.Id),
                new ConstantVectorWriter<long>(DuckDBType.BigInt, generation),
                new ConstantVectorWriter<long>(DuckDBType.BigInt, publishedAt),
                .. new ColumnBuffer[] { key, start, end, before, after }.Select(VectorWriter.Of),
                .. reasons.Select(VectorWriter.Of),
                VectorWriter.Of(partition),
                VectorWriter.Of(offset),
            ],
            0,
            key.Count);
    }

    private static void AddOrNull(ColumnBuffer<string> column, string? value)
    {
        if (value is null)
        {
            column.AddNull();
        }
        else
        {
            column.Add(value);
        }
    }

    private static void AddOrNull<T>(ColumnBuffer<T> column, T? value)
        where T : struct
    {
        if (value is { } present)
        {
            column.Add(present);
        }
        else
        {
            column.AddNull();
        }
    }
}
