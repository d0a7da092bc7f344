using Dapper;
using Lambda.Store.Postgres.Columns;
using Lambda.Store.Postgres.Database;
using Lambda.Store.Postgres.Tables;
using Lambda.Store.Relational;
using Npgsql;
using NpgsqlTypes;

namespace Lambda.Store.Postgres.Batch;

/// <summary>What publications changed.</summary>
internal static class CorrectionTable
{
    private const string CopySql =
        "COPY corrections (view_version, generation, published_at, group_key, window_start, window_end, before_result, after_result, "
        + "late, duplicates, quarantined, unexplained, first_partition, first_offset) FROM STDIN (FORMAT BINARY)";

    /// <summary>Adds corrections that a publication makes.</summary>
    public static async ValueTask AddAsync(
        NpgsqlConnection connection, ViewCatalog catalog, StoreClock clock, string stream, long generation, IReadOnlyList<Correction> corrections)
    {
        if (corrections.Count == 0)
        {
            return;
        }

        long publishedAt = await connection.ExecuteScalarAsync<long>($"SELECT {StoreClock.Sql}", new { now = clock.Given }).ConfigureAwait(false);
        Dictionary<(string View, string Version), int> versions = [];
        foreach ((string view, string version) in corrections.Select(correction => (correction.View, correction.Version)).Distinct())
        {
            versions[(view, version)] = (await catalog.FindAsync(connection, stream, view, version).ConfigureAwait(false)).Id;
        }

        await using NpgsqlBinaryImporter copy = await connection.BeginBinaryImportAsync(CopySql).ConfigureAwait(false);
        foreach (Correction correction in corrections)
        {
            await copy.StartRowAsync().ConfigureAwait(false);
            await copy.WriteAsync(versions[(correction.View, correction.Version)], NpgsqlDbType.Integer).ConfigureAwait(false);
            await copy.WriteAsync(generation, NpgsqlDbType.Bigint).ConfigureAwait(false);
            await copy.WriteAsync(publishedAt, NpgsqlDbType.Bigint).ConfigureAwait(false);
            await WriteAsync(copy, correction.Key).ConfigureAwait(false);
            await copy.WriteAsync(correction.WindowStart, NpgsqlDbType.Bigint).ConfigureAwait(false);
            await copy.WriteAsync(correction.WindowEnd, NpgsqlDbType.Bigint).ConfigureAwait(false);
            await WriteAsync(copy, correction.Before).ConfigureAwait(false);
            await WriteAsync(copy, correction.After).ConfigureAwait(false);
            await copy.WriteAsync(correction.Reasons.Late, NpgsqlDbType.Bigint).ConfigureAwait(false);
            await copy.WriteAsync(correction.Reasons.Duplicates, NpgsqlDbType.Bigint).ConfigureAwait(false);
            await copy.WriteAsync(correction.Reasons.Quarantined, NpgsqlDbType.Bigint).ConfigureAwait(false);
            await copy.WriteAsync(correction.Reasons.Unexplained, NpgsqlDbType.Bigint).ConfigureAwait(false);
            await (correction.First is { } first ? copy.WriteAsync(first.Partition, NpgsqlDbType.Integer) : copy.WriteNullAsync()).ConfigureAwait(false);
            await (correction.First is { } place ? copy.WriteAsync(place.Offset, NpgsqlDbType.Bigint) : copy.WriteNullAsync()).ConfigureAwait(false);
        }

        await copy.CompleteAsync().ConfigureAwait(false);
    }

    /// <summary>Removes those that a generation would have made which was not published.</summary>
    public static async ValueTask RemoveAsync(NpgsqlConnection connection, ViewTable table, long generation) => await connection.ExecuteAsync(
        "DELETE FROM corrections WHERE view_version = @Id AND generation = @generation", new { table.Id, generation }).ConfigureAwait(false);

    /// <summary>The corrections of windows that overlap a range, newest publication first, then by window start, key and position.</summary>
    public static async ValueTask<IReadOnlyList<PublishedCorrection>> ReadAsync(NpgsqlConnection connection, ViewTable table, WindowRange range, int limit) =>
    [
        .. (await connection.QueryAsync<CorrectionRow>(
            $"""
            SELECT {CorrectionRow.Columns} FROM corrections WHERE view_version = @Id AND window_start < @To AND window_end > @From
                AND generation NOT IN (SELECT generation FROM generations WHERE stream = @Stream AND state = 'Writing')
            ORDER BY generation DESC, window_start, group_key, first_partition, first_offset LIMIT @limit
            """,
            new { table.Id, range.To, range.From, table.Layout.Stream, limit }).ConfigureAwait(false)).Select(row => row.ToCorrection(table.Layout)),
    ];

    private static Task WriteAsync(NpgsqlBinaryImporter copy, string? text) =>
        text is null ? copy.WriteNullAsync() : copy.WriteAsync(StoredText.Write(text), NpgsqlDbType.Text);
}
