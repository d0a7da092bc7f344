using Lambda.Time;

namespace Lambda.Store.Relational;

/// <summary>A generation as its row holds it.</summary>
internal sealed class GenerationRow
{
    /// <summary>The columns of the row, named as the members are. Rows of before generations shared any have no root.</summary>
    public const string Columns =
        "stream, generation, state, history_version AS HistoryVersion, boundary, views, started_at AS StartedAt, ended_at AS EndedAt, coalesce(root, generation) AS Root, is_branched AS IsBranched";

    public string Stream { get; init; } = "";

    public long Generation { get; init; }

    public string State { get; init; } = "";

    public long HistoryVersion { get; init; }

    public string Boundary { get; init; } = "";

    public string Views { get; init; } = "";

    public long StartedAt { get; init; }

    public long? EndedAt { get; init; }

    public long Root { get; init; }

    /// <summary>Whether it was gone back to, so that what followed it once and what follows it now cannot share its rows.</summary>
    public bool IsBranched { get; init; }

    /// <summary>Requires that a generation is being written.</summary>
    /// <exception cref="ViewStoreException">There is none of that number, or it is published or rejected.</exception>
    public static GenerationInfo RequireWriting(GenerationRow? row, string stream, long generation)
    {
        GenerationInfo? found = row?.ToInfo();
        return found is { State: GenerationState.Writing }
            ? found
            : throw new ViewStoreException(
                $"Generation {generation} of stream '{stream}' is {found?.State.ToString().ToLowerInvariant() ?? "not known"}; only one that is "
                + "being written can be added to, published or rejected. Begin a new one.");
    }

    /// <summary>Requires that a generation can be gone back to.</summary>
    /// <exception cref="ViewStoreException">It cannot.</exception>
    public static GenerationInfo RequireSuperseded(GenerationRow? row, string stream, long generation) => row?.ToInfo() switch
    {
        { State: GenerationState.Superseded } found => found,
        null => throw new ViewStoreException(
            $"Generation {generation} of stream '{stream}' is not kept: it was removed when it and the speed results behind its boundary expired, or there "
            + "never was one of that number. Take one that is listed."),
        { State: GenerationState.Current } => throw new ViewStoreException($"Generation {generation} of stream '{stream}' is the current one already."),
        { } other => throw new ViewStoreException(
            $"Generation {generation} of stream '{stream}' is {other.State.ToString().ToLowerInvariant()} and was never served. Take one that was."),
    };

    public GenerationInfo ToInfo() => new(
        Stream,
        Generation,
        Enum.Parse<GenerationState>(State),
        HistoryVersion,
        StoredJson.ReadBoundary(Boundary),
        UtcMicroseconds.ToDateTimeOffset(StartedAt),
        EndedAt is { } endedAt ? UtcMicroseconds.ToDateTimeOffset(endedAt) : null,
        StoredJson.Read<Dictionary<string, string>>(Views))
    {
        Root = Root,
    };
}
