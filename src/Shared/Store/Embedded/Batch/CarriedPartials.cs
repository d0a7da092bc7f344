using Dapper;
using DuckDB.NET.Data;
using DuckDB.NET.Native;
using Lambda.Events;
using Lambda.Store.Embedded.Tables;
using Lambda.Store.Embedded.Vectors;
using Lambda.Store.Relational;
using Lambda.Views;
using Lambda.Views.Partials;

namespace Lambda.Store.Embedded.Batch;

/// <summary>Finds the partials of generations that others have to do with, and takes them out of what a generation has carried over.</summary>
/// <remarks>
/// The number that DuckDB gives to a row tells which it is within one statement that writes, and not beyond: a checkpoint packs rows anew and gives them other numbers, also between two
/// statements of a transaction and between two parts of a query. Only what has begun to write keeps a checkpoint from beginning.
/// </remarks>
internal static class CarriedPartials
{
    /// <summary>So many are staged in less time than it takes to learn which of them matter.</summary>
    private const int FewTouched = 2048;

    private const string SamePartition = " AND held.first_partition = staged.first_partition";

    /// <summary>
    /// Takes out what the touched partials take the place of. Rows are deleted and those of earlier generations appended anew with another number: an update in place of scattered rows
    /// takes DuckDB many times longer.
    /// </summary>
    public static PartialBatch Take(DuckDBConnection connection, ViewTable table, GenerationInfo generation, PartialKind kind, PartialBatch touched)
    {
        string condition = $"{GenerationFilter.Of(generation, "held")} AND held.kind = {(int)kind}{Bounds(table, touched, 0)}";
        if (table.Layout.Addressing == PartialAddressing.Interval && touched.Count > FewTouched)
        {
            touched = WithinHeld(connection, table, condition, touched);
            if (touched.Count == 0)
            {
                return touched;
            }
        }

        Stage(connection, table, touched);
        Found found = table.Layout.Addressing switch
        {
            PartialAddressing.Interval => OfKey(table, condition, " AND held.slice_start = staged.slice_start"),
            PartialAddressing.Session => Near(connection, table, condition, 0),
            _ => OfKey(table, condition, ""),
        };
        string rows = found.From + (table.Layout.HasPositions ? OnlyLast(table) : "");

        // Both statements look by the same condition in the snapshot of one transaction. To have the one that deletes return its rows takes DuckDB ten times longer: it fetches each by itself.
        ColumnBuffer<long> writtenBy = new(ColumnType.Int64);
        PartialBatch taken = PartialScan.ReadAll(connection, table, rows, writtenBy);
        if (taken.Count == 0)
        {
            return taken;
        }

        int deleted = connection.Execute($"DELETE FROM {table.BatchName} WHERE rowid IN (SELECT {found.Row} FROM {rows})");
        if (deleted != taken.Count)
        {
            throw new ViewStoreException(
                $"Generation {generation.Generation} of stream '{generation.Stream}': {taken.Count} partials of view '{table.Layout.View}' were to be taken out, and {deleted} were. "
                + "Nothing has changed. Run the batch layer once more; if it says this again, run `batch run --full`.");
        }

        KeepForEarlier(connection, table, generation, kind, taken, writtenBy);
        return taken;
    }

    /// <summary>Reads what lies near partials of the same key.</summary>
    public static PartialBatch Read(
        DuckDBConnection connection, ViewTable table, long generation, PartialKind kind, PartialBatch around, Nearness nearness)
    {
        Stage(connection, table, around);
        string condition = $"{GenerationRows.Filter(connection, table.Layout.Stream, generation, "held")} AND held.kind = {(int)kind}";
        return nearness switch
        {
            Nearness.Near { Microseconds: var distance } => Read(Near(connection, table, condition + Bounds(table, around, distance), distance), ""),
            Nearness.Newest => Read(OfKey(table, condition, SamePartition), OnlyLast(table)),
            Nearness.Following => Read(OfKey(table, condition, $"{SamePartition} AND held.first_offset >= staged.first_offset"), ""),
            _ => Read(OfKey(table, condition, ""), ""),
        };

        PartialBatch Read(Found found, string among) => PartialScan.ReadAll(connection, table, found.From + among, []);
    }

    /// <summary>
    /// Leaves those whose slices begin no earlier and no later than what is held. Most windows that new events touch are younger than all that a generation has carried over.
    /// </summary>
    private static PartialBatch WithinHeld(DuckDBConnection connection, ViewTable table, string condition, PartialBatch touched)
    {
        (long? first, long? last) = connection.QuerySingle<(long?, long?)>(
            $"SELECT epoch_us(min(slice_start)), epoch_us(max(slice_start)) FROM {table.BatchName} AS held WHERE {condition}");
        var within = new PartialBatch(table.Layout);
        for (int row = 0; row < touched.Count; row++)
        {
            if (touched.Starts[row] >= first && touched.Starts[row] <= last)
            {
                within.AddFrom(touched, row);
            }
        }

        return within;
    }

    /// <summary>Appends what was taken out once more, for the generations before that hold it.</summary>
    private static void KeepForEarlier(
        DuckDBConnection connection, ViewTable table, GenerationInfo generation, PartialKind kind, PartialBatch taken, ColumnBuffer<long> writtenBy)
    {
        PartialBatch kept = taken;
        ColumnBuffer<long> keptBy = writtenBy;
        if (writtenBy.Values.Contains(generation.Generation))
        {
            kept = new PartialBatch(table.Layout);
            keptBy = new ColumnBuffer<long>(ColumnType.Int64);
            for (int row = 0; row < taken.Count; row++)
            {
                if (writtenBy[row] < generation.Generation)
                {
                    kept.AddFrom(taken, row);
                    keptBy.Add(writtenBy[row]);
                }
            }
        }

        if (kept.Count > 0)
        {
            ChunkAppend.Run(
                connection,
                null,
                table.BatchName,
                [
                    VectorWriter.Of(keptBy),
                    new ConstantVectorWriter<int>(DuckDBType.Integer, (int)kind),
                    .. ViewTable.Writers(kept),
                    new ConstantVectorWriter<long>(DuckDBType.BigInt, generation.Generation),
                ],
                0,
                kept.Count);
        }
    }

    // Asked for by row_number() = 1 DuckDB may keep the numbers of rows alone and look up what else they hold afterwards.
    private static string OnlyLast(ViewTable table) =>
        $" QUALIFY first_offset = max(first_offset) OVER (PARTITION BY {string.Join(", ", [.. table.KeyColumns, "first_partition"])})";

    private static Found OfKey(ViewTable table, string condition, string match) =>
        new($"{table.BatchName} AS held SEMI JOIN temp.{table.AroundName} AS staged ON {Keys(table)}{match} WHERE {condition}", "held.rowid");

    /// <summary>
    /// Leaves those of <c>held</c> whose interval lies within a distance of that of a staged one with the same key. A join by the key and two inequalities compares each with all
    /// that are staged of its key. Where these are many, each is held against one: of those that begin early enough, what matters is the latest end.
    /// </summary>
    private static Found Near(DuckDBConnection connection, ViewTable table, string condition, long distance)
    {
        if (MostOfKey(connection, table) < IntervalJoin.ManyOfKey)
        {
            return OfKey(
                table,
                condition,
                $" AND held.slice_start <= staged.slice_end + to_microseconds({distance}) AND held.slice_end >= staged.slice_start - to_microseconds({distance})");
        }

        // Keys by number: an ASOF join leaves out those that are null, also where it asks for IS NOT DISTINCT FROM.
        string keys = string.Concat(table.KeyColumns.Select(key => $", {key}"));
        string number = table.KeyColumns.Count == 0 ? "0" : $"dense_rank() OVER (ORDER BY {string.Join(", ", table.KeyColumns)})";
        string from = $"""
            (
                WITH numbered AS MATERIALIZED (SELECT {number} AS key, slice_start, slice_end{keys} FROM temp.{table.AroundName})
                SELECT one.* FROM (
                    SELECT held.*, held.rowid AS place, staged.key
                    FROM {table.BatchName} AS held JOIN (SELECT DISTINCT key{keys} FROM numbered) AS staged ON {Keys(table)}
                    WHERE {condition}) AS one
                ASOF JOIN (
                    SELECT key, slice_start - to_microseconds({distance}) AS earliest,
                        max(slice_end) OVER (PARTITION BY key ORDER BY slice_start) + to_microseconds({distance}) AS latest
                    FROM numbered) AS reach
                ON one.key = reach.key AND one.slice_end >= reach.earliest
                WHERE one.slice_start <= reach.latest) AS held
            """;
        return new Found(from, "held.place");
    }

    private static long MostOfKey(DuckDBConnection connection, ViewTable table) => table.KeyColumns.Count == 0
        ? connection.ExecuteScalar<long>($"SELECT count(*) FROM temp.{table.AroundName}")
        : connection.ExecuteScalar<long>(
            $"SELECT max(number) FROM (SELECT count(*) AS number FROM temp.{table.AroundName} GROUP BY {string.Join(", ", table.KeyColumns)})");

    private static void Stage(DuckDBConnection connection, ViewTable table, PartialBatch partials)
    {
        connection.Execute(table.CreateAroundSql);
        ChunkAppend.Run(connection, "temp", table.AroundName, ViewTable.AroundWriters(partials), 0, partials.Count);
    }

    private static string Keys(ViewTable table) => table.KeyColumns.Count == 0
        ? "true"
        : string.Join(" AND ", table.KeyColumns.Select(key => $"held.{key} IS NOT DISTINCT FROM staged.{key}"));

    /// <summary>The interval that holds all of them, by which row groups can be skipped.</summary>
    private static string Bounds(ViewTable table, PartialBatch partials, long within)
    {
        if (table.Layout.HasPositions || partials.Count == 0)
        {
            return "";
        }

        Int128 from = (Int128)partials.Starts.Values.ToArray().Min() - within - 1;
        Int128 to = (Int128)partials.Ends.Values.ToArray().Max() + within + 1;
        WindowRange range = new((long)Int128.Max(from, long.MinValue), (long)Int128.Min(to, long.MaxValue));
        return string.Concat(SqlLiteral.Overlaps("held.slice_start", "held.slice_end", range).Select(condition => $" AND {condition}"));
    }

    /// <summary>Rows that were looked for.</summary>
    /// <param name="From">What follows <c>FROM</c> in a statement that selects them.</param>
    /// <param name="Row">The number of the row in it.</param>
    private readonly record struct Found(string From, string Row);
}
