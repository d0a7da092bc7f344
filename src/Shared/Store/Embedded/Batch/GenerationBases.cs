using Dapper;
using DuckDB.NET.Data;
using Lambda.Store.Relational;

namespace Lambda.Store.Embedded.Batch;

/// <summary>What later runs go on from. Kept for the newest generations only: a run that goes on from an older one computes from everything.</summary>
internal static class GenerationBases
{
    /// <summary>Adds that of a generation, if it has one.</summary>
    public static void Add(DuckDBConnection connection, string stream, long generation, GenerationBasis? basis)
    {
        if (basis is not null)
        {
            connection.Execute(
                "INSERT INTO generation_bases VALUES ($stream, $generation, $basis)", new { stream, generation, basis = StoredJson.Write(basis) });
        }

        connection.Execute(
            "DELETE FROM generation_bases WHERE stream = $stream AND generation <= $oldest",
            new { stream, oldest = generation - GenerationRules.KeptBases });
    }

    /// <summary>That of a generation; null when it has none.</summary>
    public static GenerationBasis? Read(DuckDBConnection connection, string stream, long generation) =>
        connection.QuerySingleOrDefault<string>(
            "SELECT basis FROM generation_bases WHERE stream = $stream AND generation = $generation", new { stream, generation }) is { } basis
            ? StoredJson.Read<GenerationBasis>(basis)
            : null;

    /// <summary>Removes those of all generations of a stream.</summary>
    public static int RemoveAll(DuckDBConnection connection, string stream) =>
        connection.Execute("DELETE FROM generation_bases WHERE stream = $stream", new { stream });

    /// <summary>Removes that of a generation.</summary>
    public static void Remove(DuckDBConnection connection, GenerationInfo generation) => connection.Execute(
        "DELETE FROM generation_bases WHERE stream = $Stream AND generation = $Generation", new { generation.Stream, generation.Generation });
}
