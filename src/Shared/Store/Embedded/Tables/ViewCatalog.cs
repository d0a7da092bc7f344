using System.Collections.Concurrent;
using Dapper;
using DuckDB.NET.Data;
using Lambda.Store.Embedded.Streams;
using Lambda.Store.Relational;
using Lambda.Time;
using Lambda.Views;

namespace Lambda.Store.Embedded.Tables;

/// <summary>Streams and view versions: makes them known, and finds the tables of a view version.</summary>
internal sealed class ViewCatalog(TimeProvider time)
{
    // Holds only what is committed; the tables of a view version never change.
    private readonly ConcurrentDictionary<(string Stream, string View, string Version), ViewTable> _tables = new();

    /// <summary>Reads what the database knows.</summary>
    public void Load(DuckDBConnection connection)
    {
        foreach (VersionRow row in connection.Query<VersionRow>("SELECT id, layout FROM view_versions"))
        {
            Remember(new ViewTable(row.Id, StoredJson.Read<PartialLayout>(row.Layout)));
        }
    }

    /// <summary>Makes a table findable, once its creation is committed.</summary>
    public void Remember(ViewTable table) =>
        _tables[(table.Layout.Stream, table.Layout.View, table.Layout.Version)] = table;

    /// <summary>The tables of a view version.</summary>
    /// <exception cref="ViewStoreException">It is not registered, or has other columns.</exception>
    public ViewTable Find(PartialLayout layout)
    {
        ViewTable table = Find(layout.Stream, layout.View, layout.Version);
        LayoutRules.RequireSame(table.Layout, layout);
        return table;
    }

    /// <summary>The tables of a view version.</summary>
    /// <exception cref="ViewStoreException">It is not registered.</exception>
    public ViewTable Find(string stream, string view, string version) =>
        _tables.TryGetValue((stream, view, version), out ViewTable? table)
            ? table
            : throw LayoutRules.NotRegistered(stream, view, version);

    /// <summary>All tables of a stream.</summary>
    public IReadOnlyList<ViewTable> OfStream(string stream) => [.. _tables.Values.Where(table => table.Layout.Stream == stream)];

    /// <summary>Creates what is missing.</summary>
    /// <returns>The tables that are new or described anew, to be remembered once the transaction is committed.</returns>
    public IReadOnlyList<ViewTable> Register(DuckDBConnection connection, StreamRegistration registration)
    {
        RegisterStream(connection, registration);
        string stream = registration.Stream;
        string offsets = StoredJson.Write(connection.Query<long>(
            "SELECT next_offset FROM partitions WHERE stream = $stream ORDER BY partition", new { stream }).ToArray());
        List<VersionRow> known = [.. connection.Query<VersionRow>(
            "SELECT id, view_name AS View, version, layout, withdrawn_at AS WithdrawnAt, withdrawn_offsets AS WithdrawnOffsets "
            + "FROM view_versions WHERE stream = $stream", new { stream })];
        var changed = new List<ViewTable>();
        foreach (PartialLayout layout in registration.Views)
        {
            VersionRow? row = known.Find(row => row.View == layout.View && row.Version == layout.Version);
            if (row is null)
            {
                changed.Add(Create(connection, layout, offsets));
            }
            else
            {
                PartialLayout stored = StoredJson.Read<PartialLayout>(row.Layout);
                LayoutRules.RequireSame(stored, layout);
                if (stored.WindowReach != layout.WindowReach)
                {
                    changed.Add(DescribeAnew(connection, row.Id, layout));
                }

                Resume(connection, stream, row, offsets);
            }
        }

        foreach (VersionRow row in known.Where(row => row.WithdrawnAt is null
            && !registration.Views.Any(layout => layout.View == row.View && layout.Version == row.Version)))
        {
            connection.Execute(
                "UPDATE view_versions SET withdrawn_at = $now, withdrawn_offsets = $offsets WHERE id = $id",
                new { now = time.Now(), offsets, id = row.Id });
        }

        return changed;
    }

    /// <summary>How much of its stream the speed layer has computed for each of some view versions, in their order.</summary>
    public static IReadOnlyList<ViewCoverage> ReadCoverage(DuckDBConnection connection, IReadOnlyList<ViewTable> tables)
    {
        if (tables.Count == 0)
        {
            return [];
        }

        string wanted = string.Join(", ", tables.Select(table => table.Id));
        Dictionary<int, ViewCoverage> coverage = connection
            .Query<(int Id, string From, long ComparableFrom)>($"SELECT id, coverage, comparable_from FROM view_versions WHERE id IN ({wanted})")
            .ToDictionary(row => row.Id, row => new ViewCoverage(StoredJson.ReadBoundary(row.From), row.ComparableFrom));
        return [.. tables.Select(table => coverage[table.Id])];
    }

    /// <summary>The edition of a stream that answers.</summary>
    public static int ReadEdition(DuckDBConnection connection, string stream) => connection.QuerySingle<int>(
        "SELECT edition FROM partitions WHERE stream = $stream AND partition = 0", new { stream });

    private static void RegisterStream(DuckDBConnection connection, StreamRegistration registration)
    {
        string stream = registration.Stream;
        int? partitions = connection.QuerySingleOrDefault<int?>("SELECT partitions FROM streams WHERE stream = $stream", new { stream });
        if (partitions is null)
        {
            connection.Execute(
                "INSERT INTO streams VALUES ($stream, $partitions, 0)", new { stream, partitions = registration.Partitions });
            Boundary starts = registration.Starts ?? Boundary.Zero(registration.Partitions);
            for (int partition = 0; partition < registration.Partitions; partition++)
            {
                connection.Execute(
                    "INSERT INTO partitions VALUES ($stream, $partition, 0, 0, $start, $start, NULL, NULL, NULL, 0, 0, false, $start, 0, 0)",
                    new { stream, partition, start = starts[partition] });
            }
        }
        else if (partitions > registration.Partitions)
        {
            throw LayoutRules.FewerPartitions(stream, partitions.Value, registration.Partitions);
        }
        else if (partitions < registration.Partitions)
        {
            StreamGrowth.Grow(connection, stream, registration.Partitions);
        }
    }

    private static ViewTable Create(DuckDBConnection connection, PartialLayout layout, string coverage)
    {
        int id = connection.ExecuteScalar<int>("SELECT coalesce(max(id), 0) + 1 FROM view_versions");
        var table = new ViewTable(id, layout);
        connection.Execute(table.CreateSql);
        connection.Execute(
            "INSERT INTO view_versions VALUES ($id, $stream, $view, $version, $layout, $coverage, NULL, NULL, $comparable)",
            new
            {
                id,
                stream = layout.Stream,
                view = layout.View,
                version = layout.Version,
                layout = StoredJson.Write(layout),
                coverage,
                comparable = long.MinValue,
            });
        return table;
    }

    /// <summary>Layouts stored by earlier versions of the program do not tell how far windows reach.</summary>
    private static ViewTable DescribeAnew(DuckDBConnection connection, int id, PartialLayout layout)
    {
        connection.Execute("UPDATE view_versions SET layout = $layout WHERE id = $id", new { id, layout = StoredJson.Write(layout) });
        return new ViewTable(id, layout);
    }

    /// <summary>Takes a withdrawn version up again. When the stream went on without it, its speed partials have a gap and are worth nothing.</summary>
    private static void Resume(DuckDBConnection connection, string stream, VersionRow row, string offsets)
    {
        if (row.WithdrawnAt is null)
        {
            return;
        }

        if (row.WithdrawnOffsets == offsets)
        {
            connection.Execute("UPDATE view_versions SET withdrawn_at = NULL, withdrawn_offsets = NULL WHERE id = $id", new { id = row.Id });
            return;
        }

        connection.Execute($"DELETE FROM speed_{row.Id} WHERE {EditionLane.Holds(ReadEdition(connection, stream))}");
        connection.Execute(
            "UPDATE view_versions SET withdrawn_at = NULL, withdrawn_offsets = NULL, coverage = $offsets WHERE id = $id",
            new { offsets, id = row.Id });
    }

    private sealed class VersionRow
    {
        public int Id { get; init; }

        public string View { get; init; } = "";

        public string Version { get; init; } = "";

        public string Layout { get; init; } = "";

        public long? WithdrawnAt { get; init; }

        public string? WithdrawnOffsets { get; init; }
    }
}
