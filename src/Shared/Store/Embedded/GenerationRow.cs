using Dapper;
using DuckDB.NET.Data;
using Lambda.Time;

namespace Lambda.Store.Embedded;

/// <summary>A generation as its row holds it.</summary>
internal sealed class GenerationRow
{
    private const string Select =
        "SELECT stream, generation, state, history_version AS HistoryVersion, boundary, views, started_at AS StartedAt, ended_at AS EndedAt "
        + "FROM generations WHERE stream = $stream";

    public string Stream { get; init; } = "";

    public long Generation { get; init; }

    public string State { get; init; } = "";

    public long HistoryVersion { get; init; }

    public string Boundary { get; init; } = "";

    public string Views { get; init; } = "";

    public long StartedAt { get; init; }

    public long? EndedAt { get; init; }

    /// <summary>The generations of a stream, newest first.</summary>
    public static IReadOnlyList<GenerationInfo> ReadAll(DuckDBConnection connection, string stream, int limit) =>
        [.. connection.Query<GenerationRow>($"{Select} ORDER BY generation DESC LIMIT $limit", new { stream, limit }).Select(row => row.ToInfo())];

    /// <summary>The current generation of a stream; null before the first publication.</summary>
    public static GenerationInfo? ReadCurrent(DuckDBConnection connection, string stream) =>
        connection.QuerySingleOrDefault<GenerationRow>($"{Select} AND state = 'Current'", new { stream })?.ToInfo();

    /// <summary>A generation that is being written.</summary>
    /// <exception cref="ViewStoreException">There is none of that number, or it is published or rejected.</exception>
    public static GenerationInfo RequireWriting(DuckDBConnection connection, string stream, long generation)
    {
        GenerationInfo? found = connection
            .QuerySingleOrDefault<GenerationRow>($"{Select} AND generation = $generation", new { stream, generation })?.ToInfo();
        return found is { State: GenerationState.Writing }
            ? found
            : throw new ViewStoreException(
                $"Generation {generation} of stream '{stream}' is {found?.State.ToString().ToLowerInvariant() ?? "not known"}; only one that is "
                + "being written can be added to, published or rejected. Begin a new one.");
    }

    private GenerationInfo ToInfo() => new(
        Stream,
        Generation,
        Enum.Parse<GenerationState>(State),
        HistoryVersion,
        StoredJson.ReadBoundary(Boundary),
        UtcMicroseconds.ToDateTimeOffset(StartedAt),
        EndedAt is { } endedAt ? UtcMicroseconds.ToDateTimeOffset(endedAt) : null,
        StoredJson.Read<Dictionary<string, string>>(Views));
}
