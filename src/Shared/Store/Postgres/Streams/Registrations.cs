using Dapper;
using Lambda.Store.Postgres.Answers;
using Lambda.Store.Postgres.Tables;
using Lambda.Store.Relational;
using Lambda.Views;
using Npgsql;

namespace Lambda.Store.Postgres.Streams;

/// <summary>Makes streams and view versions known.</summary>
internal static class Registrations
{
    private const int LockClass = 0x4C414D52;

    /// <summary>Creates what is missing and keeps what is there.</summary>
    /// <returns>The tables of the registered versions, to be remembered once the transaction is committed.</returns>
    public static async ValueTask<IReadOnlyList<ViewTable>> RegisterAsync(NpgsqlConnection connection, StreamRegistration registration)
    {
        if (!await connection.ExecuteScalarAsync<bool>("SELECT has_table_privilege('partitions', 'UPDATE')").ConfigureAwait(false))
        {
            return await FindAsync(connection, registration).ConfigureAwait(false);
        }

        // One at a time in a schema: two processes must not make the same tables.
        await connection.ExecuteAsync("SELECT pg_advisory_xact_lock(@LockClass, hashtext(current_schema()))", new { LockClass }).ConfigureAwait(false);
        await RegisterStreamAsync(connection, registration).ConfigureAwait(false);

        // Commits of others wait, so that the offsets that coverage begins at stand still.
        long[] offsets = await PartitionRows.LockAllAsync(connection, registration.Stream).ConfigureAwait(false);
        int edition = await PartitionRows.ReadEditionAsync(connection, registration.Stream).ConfigureAwait(false);
        IReadOnlyList<ViewTable> known = await ViewCatalog.ReadAsync(connection, registration.Stream).ConfigureAwait(false);
        List<ViewTable> registered = [];
        foreach (PartialLayout layout in registration.Views)
        {
            ViewTable? table = known.FirstOrDefault(table => table.Layout.View == layout.View && table.Layout.Version == layout.Version);
            if (table is null)
            {
                table = await CreateAsync(connection, layout).ConfigureAwait(false);
                await Coverage.CreateAsync(connection, table, edition, offsets).ConfigureAwait(false);
            }
            else
            {
                LayoutRules.RequireSame(table.Layout, layout);
                if (StoredJson.Write(table.Layout) != StoredJson.Write(layout))
                {
                    table = await DescribeAnewAsync(connection, table.Id, layout).ConfigureAwait(false);
                }
                else
                {
                    // An earlier version of the program may have said it in another way.
                    await DescribeAnswersAsync(connection, table).ConfigureAwait(false);
                }

                await Coverage.TakeUpAsync(connection, table, edition, offsets).ConfigureAwait(false);
            }

            registered.Add(table);
        }

        await connection.ExecuteAsync(
            "UPDATE streams SET changes = changes + 1 WHERE stream = @Stream; SELECT show_answers(@Stream)", new { registration.Stream })
            .ConfigureAwait(false);
        return registered;
    }

    /// <summary>The tables of what is registered already: a role that may only read adds nothing, and takes nothing up.</summary>
    private static async ValueTask<IReadOnlyList<ViewTable>> FindAsync(NpgsqlConnection connection, StreamRegistration registration)
    {
        string stream = registration.Stream;
        int partitions = await ReadPartitionsAsync(connection, stream).ConfigureAwait(false)
            ?? throw new ViewStoreException(
                $"Stream '{stream}' is not registered, and the role of this process may only read. Let a process whose role owns the schema begin first.");
        if (partitions > registration.Partitions)
        {
            throw LayoutRules.FewerPartitions(stream, partitions, registration.Partitions);
        }

        await RequireSameLogAsync(connection, registration).ConfigureAwait(false);
        IReadOnlyList<ViewTable> known = await ViewCatalog.ReadAsync(connection, stream).ConfigureAwait(false);
        List<ViewTable> found = [];
        foreach (PartialLayout layout in registration.Views)
        {
            ViewTable table = known.FirstOrDefault(table => table.Layout.View == layout.View && table.Layout.Version == layout.Version)
                ?? throw new ViewStoreException(
                    $"Version {layout.Version} of view '{layout.View}' of stream '{stream}' is not registered, and the role of this process may only read. "
                    + "Let a process whose role owns the schema begin first.");
            LayoutRules.RequireSame(table.Layout, layout);
            found.Add(table);
        }

        return found;
    }

    private static Task<int?> ReadPartitionsAsync(NpgsqlConnection connection, string stream) => connection
        .QuerySingleOrDefaultAsync<int?>("SELECT partitions FROM streams WHERE stream = @stream", new { stream });

    private static async Task RegisterStreamAsync(NpgsqlConnection connection, StreamRegistration registration)
    {
        string stream = registration.Stream;
        int? partitions = await ReadPartitionsAsync(connection, stream).ConfigureAwait(false);
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
        else if (partitions > registration.Partitions)
        {
            throw LayoutRules.FewerPartitions(stream, partitions.Value, registration.Partitions);
        }
        else if (partitions < registration.Partitions)
        {
            await StreamGrowth.GrowAsync(connection, stream, registration.Partitions).ConfigureAwait(false);
        }

        // Streams that an earlier version of the program has registered have none yet. Where there is none to be said nothing is written, as that would lock the
        // stream before its partitions, and all others lock it after them.
        if (registration.Log is not null)
        {
            await connection.ExecuteAsync("UPDATE streams SET log = @Log WHERE stream = @stream AND log IS NULL", new { stream, registration.Log })
                .ConfigureAwait(false);
        }

        await RequireSameLogAsync(connection, registration).ConfigureAwait(false);
    }

    private static async Task RequireSameLogAsync(NpgsqlConnection connection, StreamRegistration registration)
    {
        Guid? known = await connection
            .QuerySingleAsync<Guid?>("SELECT log FROM streams WHERE stream = @Stream", new { registration.Stream }).ConfigureAwait(false);
        if (known is { } log && log != registration.Log)
        {
            throw LayoutRules.OtherLog(registration.Stream, log, registration.Log);
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
        await DescribeAnswersAsync(connection, table).ConfigureAwait(false);
        return table;
    }

    /// <summary>Layouts stored by earlier versions of the program do not tell how far windows reach, or what SQL can say of answers.</summary>
    private static async Task<ViewTable> DescribeAnewAsync(NpgsqlConnection connection, int id, PartialLayout layout)
    {
        await connection.ExecuteAsync("UPDATE view_versions SET layout = @layout WHERE id = @id", new { id, layout = StoredJson.Write(layout) })
            .ConfigureAwait(false);
        ViewTable table = new(id, layout);
        await DescribeAnswersAsync(connection, table).ConfigureAwait(false);
        return table;
    }

    /// <summary>Says what the SQL view of a view's answers is made of, unless that is said already: a role that may only write must not need to.</summary>
    private static async Task DescribeAnswersAsync(NpgsqlConnection connection, ViewTable table)
    {
        var described = new { table.Id, name = AnswerNames.OfView(table.Layout.Stream, table.Layout.View), sql = AnswerQuery.Of(table) };
        bool isDescribed = await connection.ExecuteScalarAsync<bool>(
            "SELECT answer_name IS NOT DISTINCT FROM @name AND answer_sql IS NOT DISTINCT FROM @sql FROM view_versions WHERE id = @Id", described)
            .ConfigureAwait(false);
        if (!isDescribed)
        {
            await connection.ExecuteAsync("UPDATE view_versions SET answer_name = @name, answer_sql = @sql WHERE id = @Id", described)
                .ConfigureAwait(false);
        }
    }
}
