using Dapper;
using Lambda.Store.Relational;
using Lambda.Views;
using Npgsql;

namespace Lambda.Store.Postgres;

/// <summary>Makes streams and view versions known.</summary>
internal static class Registrations
{
    private const int LockClass = 0x4C414D52;

    /// <summary>Creates what is missing and keeps what is there.</summary>
    /// <returns>The tables of the registered versions, to be remembered once the transaction is committed.</returns>
    public static async ValueTask<IReadOnlyList<ViewTable>> RegisterAsync(NpgsqlConnection connection, StreamRegistration registration)
    {
        // One at a time in a schema: two processes must not make the same tables.
        await connection.ExecuteAsync("SELECT pg_advisory_xact_lock(@LockClass, hashtext(current_schema()))", new { LockClass }).ConfigureAwait(false);
        await RegisterStreamAsync(connection, registration).ConfigureAwait(false);

        // Commits of others wait, so that the offsets that coverage begins at stand still.
        long[] offsets = await PartitionRows.LockAllAsync(connection, registration.Stream).ConfigureAwait(false);
        IReadOnlyList<ViewTable> known = await ViewCatalog.ReadAsync(connection, registration.Stream).ConfigureAwait(false);
        List<ViewTable> registered = [];
        foreach (PartialLayout layout in registration.Views)
        {
            ViewTable? table = known.FirstOrDefault(table => table.Layout.View == layout.View && table.Layout.Version == layout.Version);
            if (table is null)
            {
                table = await CreateAsync(connection, layout).ConfigureAwait(false);
                await Coverage.CreateAsync(connection, table, offsets).ConfigureAwait(false);
            }
            else
            {
                LayoutRules.RequireSame(table.Layout, layout);
                if (table.Layout.WindowReach != layout.WindowReach)
                {
                    table = await DescribeAnewAsync(connection, table.Id, layout).ConfigureAwait(false);
                }

                await Coverage.TakeUpAsync(connection, table, offsets).ConfigureAwait(false);
            }

            registered.Add(table);
        }

        return registered;
    }

    private static async Task RegisterStreamAsync(NpgsqlConnection connection, StreamRegistration registration)
    {
        string stream = registration.Stream;
        int? partitions = await connection
            .QuerySingleOrDefaultAsync<int?>("SELECT partitions FROM streams WHERE stream = @stream", new { stream }).ConfigureAwait(false);
        if (partitions is null)
        {
            Boundary starts = registration.Starts ?? Boundary.Zero(registration.Partitions);
            await connection.ExecuteAsync(
                """
                INSERT INTO streams VALUES (@stream, @Partitions, 0);
                INSERT INTO partitions
                SELECT @stream, ordinality - 1, 0, 0, start, start, NULL, NULL, NULL, 0, 0, false, start, '{}'
                FROM unnest(@starts) WITH ORDINALITY AS starts (start, ordinality)
                """,
                new { stream, registration.Partitions, starts = starts.Offsets.ToArray() }).ConfigureAwait(false);
        }
        else if (partitions != registration.Partitions)
        {
            throw LayoutRules.OtherPartitions(stream, partitions.Value, registration.Partitions);
        }
    }

    private static async Task<ViewTable> CreateAsync(NpgsqlConnection connection, PartialLayout layout)
    {
        int id = await connection.QuerySingleAsync<int>(
            """
            INSERT INTO view_versions (stream, view_name, version, layout, comparable_from)
            VALUES (@Stream, @View, @Version, @Json, @ComparableFrom) RETURNING id
            """,
            new { layout.Stream, layout.View, layout.Version, Json = StoredJson.Write(layout), ComparableFrom = long.MinValue }).ConfigureAwait(false);
        ViewTable table = new(id, layout);
        await connection.ExecuteAsync(table.CreateSql).ConfigureAwait(false);
        return table;
    }

    /// <summary>Layouts stored by earlier versions of the program do not tell how far windows reach.</summary>
    private static async Task<ViewTable> DescribeAnewAsync(NpgsqlConnection connection, int id, PartialLayout layout)
    {
        await connection.ExecuteAsync("UPDATE view_versions SET layout = @layout WHERE id = @id", new { id, layout = StoredJson.Write(layout) })
            .ConfigureAwait(false);
        return new ViewTable(id, layout);
    }
}
