using Dapper;
using Lambda.Store.Relational;
using Lambda.Views;
using Npgsql;

namespace Lambda.Store.Postgres.Batch;

/// <summary>The rows of generations.</summary>
internal static class GenerationRows
{
    private const string Select = $"SELECT {GenerationRow.Columns} FROM generations WHERE stream = @stream";

    /// <summary>The generations of a stream, newest first.</summary>
    public static async ValueTask<IReadOnlyList<GenerationInfo>> ReadAllAsync(NpgsqlConnection connection, string stream, int limit) =>
    [
        .. (await connection.QueryAsync<GenerationRow>($"{Select} ORDER BY generation DESC LIMIT @limit", new { stream, limit }).ConfigureAwait(false))
            .Select(row => row.ToInfo()),
    ];

    /// <summary>The current generation of a stream; null before the first publication.</summary>
    public static async ValueTask<GenerationInfo?> ReadCurrentAsync(NpgsqlConnection connection, string stream) =>
        (await connection.QuerySingleOrDefaultAsync<GenerationRow>($"{Select} AND state = 'Current'", new { stream }).ConfigureAwait(false))?.ToInfo();

    /// <summary>
    /// The generation that answers for a version of a view: the current one if it holds it, else the newest that did and is kept, for programs that declare the
    /// version still or again. Null when there is none.
    /// </summary>
    public static async ValueTask<GenerationInfo?> FindServedAsync(NpgsqlConnection connection, GenerationInfo? current, PartialLayout view) =>
        current is null || current.Holds(view)
            ? current
            : (await connection.QueryFirstOrDefaultAsync<GenerationRow>(
                $"{Select} AND state = 'Superseded' AND views::jsonb ->> @View = @Version ORDER BY generation DESC LIMIT 1",
                new { stream = view.Stream, view.View, view.Version }).ConfigureAwait(false))?.ToInfo();

    /// <summary>A generation; null when it is not known.</summary>
    public static Task<GenerationRow?> FindAsync(NpgsqlConnection connection, string stream, long generation) => connection
        .QuerySingleOrDefaultAsync<GenerationRow>($"{Select} AND generation = @generation", new { stream, generation });

    /// <summary>The condition for the rows that a generation holds; for none when it is not known.</summary>
    public static async ValueTask<string> FilterAsync(NpgsqlConnection connection, string stream, long generation, string table) =>
        await FindAsync(connection, stream, generation).ConfigureAwait(false) is { } row ? GenerationFilter.Of(row.ToInfo(), table) : "false";

    /// <summary>A generation that is being written.</summary>
    /// <exception cref="ViewStoreException">There is none of that number, or it is published or rejected.</exception>
    public static async ValueTask<GenerationInfo> RequireWritingAsync(NpgsqlConnection connection, string stream, long generation) =>
        GenerationRow.RequireWriting(
            await FindAsync(connection, stream, generation).ConfigureAwait(false), stream, generation);
}
