using Dapper;
using DuckDB.NET.Data;
using Lambda.Store.Embedded.Batch;
using Lambda.Store.Embedded.Tables;
using Lambda.Store.Relational;
using Lambda.Time;
using Lambda.Views;

namespace Lambda.Store.Embedded.Streams;

/// <summary>Editions of streams: their beginning, the change from one to another, and their end.</summary>
internal sealed class Editions(ViewCatalog catalog, TimeProvider time)
{
    /// <summary>The editions of a stream, by number.</summary>
    public static IReadOnlyList<EditionInfo> Read(DuckDBConnection connection, string stream)
    {
        List<EditionRow> rows = [.. connection.Query<EditionRow>(
            $"SELECT {EditionRow.Columns} FROM editions WHERE stream = $stream AND state <> '{EditionRow.Dropped}'", new { stream })];
        return rows.Count == 0
            ? []
            : LaneRow.Join(stream, rows, connection.Query<LaneRow>(
                """
                SELECT stream AS Lane, partition, start_offset AS Start, next_offset AS NextOffset FROM partitions
                WHERE stream = $stream OR stream IN (SELECT stream || '~' || edition FROM editions WHERE stream = $stream)
                """,
                new { stream }));
    }

    /// <summary>Begins an edition.</summary>
    public int Begin(DuckDBConnection connection, string stream, IReadOnlyList<PartialLayout> views, Boundary archivedTo)
    {
        long[] starts = [.. connection.Query<long>("SELECT start_offset FROM partitions WHERE stream = $stream ORDER BY partition", new { stream })];
        if (starts.Length == 0)
        {
            throw EditionRules.UnknownStream(stream);
        }

        EditionRules.RequireNoReplay(Read(connection, stream), stream);
        int live = ViewCatalog.ReadEdition(connection, stream);
        long now = time.Now();
        connection.Execute(
            """
            INSERT INTO editions SELECT $stream, $live, 'Live', '{}', '{}', NULL, $now, NULL, NULL
            WHERE NOT EXISTS (SELECT 1 FROM editions WHERE stream = $stream AND edition = $live)
            """,
            new { stream, live, now });
        int edition = EditionRules.RequireNumber(
            stream, connection.QuerySingle<int>("SELECT max(edition) + 1 FROM editions WHERE stream = $stream", new { stream }));
        string covered = StoredJson.Write(new Boundary(starts));
        connection.Execute(
            "INSERT INTO editions VALUES ($stream, $edition, 'Replaying', $views, $coverage, $archivedTo, $now, NULL, NULL)",
            new
            {
                stream,
                edition,
                views = StoredJson.Write(views.ToDictionary(view => view.View, view => view.Version)),
                coverage = StoredJson.Write(views.ToDictionary(view => catalog.Find(view).Id, _ => covered)),
                archivedTo = StoredJson.Write(AddedPartitions.Complete(archivedTo, starts.Length)),
                now,
            });
        connection.Execute(
            """
            INSERT INTO partitions
            SELECT $lane, partition, 0, 0, start_offset, start_offset, NULL, NULL, NULL, 0, 0, false, start_offset, $edition, 0
            FROM partitions WHERE stream = $stream
            """,
            new { lane = EditionLane.Of(stream, edition), stream, edition });
        return edition;
    }

    /// <summary>How far an edition that does not answer may go.</summary>
    public static FollowBound ReadBound(DuckDBConnection connection, string stream, int partition, long from)
    {
        long limit = connection.QuerySingle<long>(
            "SELECT next_offset FROM partitions WHERE stream = $stream AND partition = $partition", new { stream, partition });
        long[] boundaries = [.. connection.Query<string>(
            "SELECT boundary FROM generations WHERE stream = $stream AND state <> 'Rejected'", new { stream })
            .Select(boundary => StoredJson.ReadBoundary(boundary)[partition])];

        // No boundary can come to lie before those of the generations that are kept.
        long floor = boundaries.Length == 0 ? from : Math.Max(from, boundaries.Min());
        long? end = connection.QuerySingle<long?>(
            "SELECT min(end_offset) FROM sealed_epochs WHERE stream = $stream AND partition = $partition AND end_offset >= $floor",
            new { stream, partition, floor });
        return new FollowBound(limit, boundaries.Where(offset => offset >= from).Select(offset => (long?)offset).Append(end).Min());
    }

    /// <summary>Asks owners to commit nothing for a while.</summary>
    public int Hold(DuckDBConnection connection, BatchLease lease, TimeSpan duration)
    {
        BatchLeases.Require(connection, lease);
        return connection.Execute(
            "UPDATE partitions SET held_until = $until WHERE stream = $stream",
            new { until = duration > TimeSpan.Zero ? time.Now() + UtcMicroseconds.From(duration) : 0, stream = lease.Stream });
    }

    /// <summary>Has an edition answer.</summary>
    public int Promote(DuckDBConnection connection, BatchLease lease, int edition, IReadOnlyList<PartialLayout> views)
    {
        BatchLeases.Require(connection, lease);
        string stream = lease.Stream;
        IReadOnlyList<EditionInfo> editions = Read(connection, stream);
        EditionInfo next = EditionRules.RequireBeside(editions, stream, edition, "promoted");
        EditionRules.RequirePromotable(
            next, views, StreamReads.ReadEpochs(connection, next.Lane), GenerationRows.ReadCurrent(connection, stream));
        EditionInfo before = editions.Single(known => known.State == EditionState.Live);
        SwitchCoverage(connection, stream, before.Edition, edition);
        string aside = EditionLane.Of(stream, before.Edition);
        foreach (string table in (string[])["partitions", "sealed_epochs"])
        {
            connection.Execute(
                $"UPDATE {table} SET stream = CASE WHEN stream = $stream THEN $aside ELSE $stream END WHERE stream IN ($stream, $lane)",
                new { stream, aside, lane = next.Lane });
        }

        connection.Execute("UPDATE partitions SET held_until = 0 WHERE stream IN ($stream, $aside)", new { stream, aside });
        long now = time.Now();
        connection.Execute(
            "UPDATE editions SET state = 'Kept', left_at = $now WHERE stream = $stream AND edition = $edition",
            new { now, stream, edition = before.Edition });
        connection.Execute(
            "UPDATE editions SET state = 'Live', served_at = $now, left_at = NULL WHERE stream = $stream AND edition = $edition",
            new { now, stream, edition });
        return 0;
    }

    /// <summary>Removes an edition.</summary>
    public int Drop(DuckDBConnection connection, string stream, int edition)
    {
        EditionInfo dropped = EditionRules.RequireBeside(Read(connection, stream), stream, edition, "dropped");
        foreach (ViewTable table in catalog.OfStream(stream))
        {
            connection.Execute($"DELETE FROM {table.SpeedName} WHERE {EditionLane.Holds(edition)}");
        }

        foreach (string table in (string[])["partitions", "sealed_epochs"])
        {
            connection.Execute($"DELETE FROM {table} WHERE stream = $lane", new { lane = dropped.Lane });
        }

        return connection.Execute(
            $"UPDATE editions SET state = '{EditionRow.Dropped}' WHERE stream = $stream AND edition = $edition", new { stream, edition });
    }

    /// <summary>Removes editions in whose place others have answered since before an instant.</summary>
    public int Expire(DuckDBConnection connection, string stream, long before) => Read(connection, stream)
        .Where(edition => edition.State == EditionState.Kept && edition.LeftAt is { } left && UtcMicroseconds.From(left) < before)
        .Sum(edition => Drop(connection, stream, edition.Edition));

    /// <summary>
    /// Says from where on the versions of the edition that answers are covered, and remembers it of the one before. A version that was withdrawn has its
    /// partials in the one before, so it cannot be taken up where it was left.
    /// </summary>
    private static void SwitchCoverage(DuckDBConnection connection, string stream, int before, int next)
    {
        List<(int Id, string View, string Version, string Coverage)> declared = [.. connection.Query<(int, string, string, string)>(
            "SELECT id, view_name, version, coverage FROM view_versions WHERE stream = $stream AND withdrawn_at IS NULL", new { stream })];
        connection.Execute(
            "UPDATE editions SET views = $views, coverage = $coverage WHERE stream = $stream AND edition = $before",
            new
            {
                views = StoredJson.Write(declared.ToDictionary(version => version.View, version => version.Version)),
                coverage = StoredJson.Write(declared.ToDictionary(version => version.Id, version => version.Coverage)),
                stream,
                before,
            });
        Dictionary<int, string> covered = StoredJson.Read<Dictionary<int, string>>(connection.QuerySingle<string>(
            "SELECT coverage FROM editions WHERE stream = $stream AND edition = $next", new { stream, next }));
        foreach ((int id, string coverage) in covered)
        {
            connection.Execute("UPDATE view_versions SET coverage = $coverage WHERE id = $id", new { coverage, id });
        }

        connection.Execute(
            "UPDATE view_versions SET withdrawn_offsets = NULL WHERE stream = $stream AND withdrawn_at IS NOT NULL", new { stream });
    }
}
