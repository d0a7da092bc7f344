using Dapper;
using Lambda.Store.Relational;
using Npgsql;

namespace Lambda.Store.Postgres.Batch;

/// <summary>What later runs go on from. Kept for the newest generations only: a run that goes on from an older one computes from everything.</summary>
internal static class GenerationBases
{
    /// <summary>Adds that of a generation, if it has one.</summary>
    public static async ValueTask AddAsync(NpgsqlConnection connection, string stream, long generation, GenerationBasis? basis)
    {
        if (basis is not null)
        {
            await connection.ExecuteAsync(
                "INSERT INTO generation_bases VALUES (@stream, @generation, @basis)", new { stream, generation, basis = StoredJson.Write(basis) })
                .ConfigureAwait(false);
        }

        await connection.ExecuteAsync(
            "DELETE FROM generation_bases WHERE stream = @stream AND generation <= @oldest",
            new { stream, oldest = generation - GenerationRules.KeptBases }).ConfigureAwait(false);
    }

    /// <summary>That of a generation; null when it has none.</summary>
    public static async ValueTask<GenerationBasis?> ReadAsync(NpgsqlConnection connection, string stream, long generation) =>
        await connection.QuerySingleOrDefaultAsync<string>(
            "SELECT basis FROM generation_bases WHERE stream = @stream AND generation = @generation", new { stream, generation })
            .ConfigureAwait(false) is { } basis
            ? StoredJson.Read<GenerationBasis>(basis)
            : null;

    /// <summary>Removes those of all generations of a stream.</summary>
    public static async ValueTask<int> RemoveAllAsync(NpgsqlConnection connection, string stream) =>
        await connection.ExecuteAsync("DELETE FROM generation_bases WHERE stream = @stream", new { stream }).ConfigureAwait(false);

    /// <summary>Removes that of a generation.</summary>
    public static Task<int> RemoveAsync(NpgsqlConnection connection, GenerationInfo generation) => connection.ExecuteAsync(
        "DELETE FROM generation_bases WHERE stream = @Stream AND generation = @Generation", new { generation.Stream, generation.Generation });
}
