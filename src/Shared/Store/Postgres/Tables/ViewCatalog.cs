using System.Collections.Concurrent;
using Dapper;
using Lambda.Store.Relational;
using Lambda.Views;
using Npgsql;

namespace Lambda.Store.Postgres.Tables;

/// <summary>The view versions of the database, and which of them this process computes.</summary>
internal sealed class ViewCatalog
{
    // Holds only what is committed; other processes add to the database, so what is not here may still be there. The tables of a version never change.
    private readonly ConcurrentDictionary<(string Stream, string View, string Version), ViewTable> _tables = new();

    // Sorted numbers of the versions that were registered last.
    private readonly ConcurrentDictionary<string, int[]> _registered = new();

    /// <summary>Remembers what a registration of this process has brought, once it is committed.</summary>
    public void Remember(string stream, IReadOnlyList<ViewTable> registered)
    {
        foreach (ViewTable table in registered)
        {
            Remember(table);
        }

        _registered[stream] = [.. registered.Select(table => table.Id).Order()];
    }

    /// <summary>The sorted numbers of the versions of a stream that this process computes; null when it has registered none.</summary>
    public int[]? RegisteredOf(string stream) => _registered.GetValueOrDefault(stream);

    /// <summary>The tables of a view version.</summary>
    /// <exception cref="ViewStoreException">It is not registered, or has other columns.</exception>
    public async ValueTask<ViewTable> FindAsync(NpgsqlConnection connection, PartialLayout layout)
    {
        ViewTable table = await FindAsync(connection, layout.Stream, layout.View, layout.Version).ConfigureAwait(false);
        LayoutRules.RequireSame(table.Layout, layout);
        return table;
    }

    /// <summary>The tables of a view version.</summary>
    /// <exception cref="ViewStoreException">It is not registered.</exception>
    public async ValueTask<ViewTable> FindAsync(NpgsqlConnection connection, string stream, string view, string version)
    {
        if (_tables.TryGetValue((stream, view, version), out ViewTable? known))
        {
            return known;
        }

        IReadOnlyList<ViewTable> tables = await ReadAsync(connection, stream).ConfigureAwait(false);
        ViewTable found = tables.FirstOrDefault(table => table.Layout.View == view && table.Layout.Version == version)
            ?? throw LayoutRules.NotRegistered(stream, view, version);
        Remember(found);
        return found;
    }

    /// <summary>All tables of a stream, whichever process has made them.</summary>
    public static async ValueTask<IReadOnlyList<ViewTable>> ReadAsync(NpgsqlConnection connection, string stream) =>
    [
        .. (await connection.QueryAsync<(int Id, string Layout)>(
            "SELECT id, layout FROM view_versions WHERE stream = @stream ORDER BY id", new { stream }).ConfigureAwait(false))
            .Select(row => new ViewTable(row.Id, StoredJson.Read<PartialLayout>(row.Layout))),
    ];

    /// <summary>From when on windows of a view version have lost no speed partials to expiry.</summary>
    public static Task<long> ReadComparableFromAsync(NpgsqlConnection connection, ViewTable table) =>
        connection.QuerySingleAsync<long>("SELECT comparable_from FROM view_versions WHERE id = @Id", new { table.Id });

    private void Remember(ViewTable table) => _tables[(table.Layout.Stream, table.Layout.View, table.Layout.Version)] = table;
}
