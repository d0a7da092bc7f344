using Dapper;
using DuckDB.NET.Data;
using Lambda.Store.Relational;
using Lambda.Views;

namespace Lambda.Store.Embedded.Batch;

/// <summary>The rows of generations.</summary>
internal static class GenerationRows
{
    private const string Select = $"SELECT {GenerationRow.Columns} FROM generations WHERE stream = $stream";

    /// <summary>The generations of a stream, newest first.</summary>
    public static IReadOnlyList<GenerationInfo> ReadAll(DuckDBConnection connection, string stream, int limit) =>
        [.. connection.Query<GenerationRow>($"{Select} ORDER BY generation DESC LIMIT $limit", new { stream, limit }).Select(row => row.ToInfo())];

    /// <summary>The current generation of a stream; null before the first publication.</summary>
    public static GenerationInfo? ReadCurrent(DuckDBConnection connection, string stream) =>
        connection.QuerySingleOrDefault<GenerationRow>($"{Select} AND state = 'Current'", new { stream })?.ToInfo();

    /// <summary>The current generation of a stream and those that are being written, as their rows.</summary>
    public static IReadOnlyList<GenerationRow> ReadUnfinishedAndCurrent(DuckDBConnection connection, string stream) =>
        [.. connection.Query<GenerationRow>($"{Select} AND state IN ('{nameof(GenerationState.Writing)}', '{nameof(GenerationState.Current)}')", new { stream })];

    /// <summary>
    /// The generation that answers for a version of a view: the current one if it holds it, else the newest that did and is kept, for programs that declare the
    /// version still or again. Null when there is none.
    /// </summary>
    public static GenerationInfo? FindServed(DuckDBConnection connection, GenerationInfo? current, PartialLayout view) => current is null || current.Holds(view)
        ? current
        : connection.Query<GenerationRow>(
                $"{Select} AND state = 'Superseded' AND contains(views, $Version) ORDER BY generation DESC", new { stream = view.Stream, view.Version })
            .Select(row => row.ToInfo())
            .FirstOrDefault(generation => generation.Holds(view));

    /// <summary>A generation; null when it is not known.</summary>
    public static GenerationRow? Find(DuckDBConnection connection, string stream, long generation) =>
        connection.QuerySingleOrDefault<GenerationRow>($"{Select} AND generation = $generation", new { stream, generation });

    /// <summary>The condition for the rows that a generation holds; for none when it is not known.</summary>
    public static string Filter(DuckDBConnection connection, string stream, long generation, string table) =>
        Find(connection, stream, generation) is { } row ? GenerationFilter.Of(row.ToInfo(), table) : "false";

    /// <summary>A generation that is being written.</summary>
    /// <exception cref="ViewStoreException">There is none of that number, or it is published or rejected.</exception>
    public static GenerationInfo RequireWriting(DuckDBConnection connection, string stream, long generation) => GenerationRow.RequireWriting(
        Find(connection, stream, generation), stream, generation);
}
