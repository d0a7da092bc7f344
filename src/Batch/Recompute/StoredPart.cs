using Lambda.Store;
using Lambda.Views.Partials;

namespace Lambda.Batch.Recompute;

/// <summary>The partials of some of a view's windows, all that there are of these.</summary>
/// <param name="Speed">What the speed layer has of them.</param>
/// <param name="Generations">By generation, what it has of them, in the order of <see cref="AsReadPartials.Order"/>.</param>
internal sealed record StoredPart(PartialBatch Speed, IReadOnlyList<IReadOnlyList<(PartialKind Kind, PartialBatch Partials)>> Generations)
{
    private static readonly PartialKind[] Kinds = [.. AsReadPartials.Order];

    /// <summary>How many sources there are when so many generations are read.</summary>
    public static int SourcesOf(int generations) => 1 + (generations * Kinds.Length);

    /// <summary>The source that a kind of a generation is.</summary>
    /// <param name="generation">Its place among the generations that are read.</param>
    /// <param name="kind">The kind.</param>
    public static int SourceOf(int generation, PartialKind kind) => 1 + (generation * Kinds.Length) + Array.IndexOf(Kinds, kind);

    /// <summary>What the sources have: first the speed layer, then each generation by kind.</summary>
    public static StoredPart Of(PartialBatch[] sources) => new(
        sources[0],
        [.. sources[1..].Chunk(Kinds.Length).Select(kinds => (IReadOnlyList<(PartialKind, PartialBatch)>)[.. Kinds.Zip(kinds)])]);
}
