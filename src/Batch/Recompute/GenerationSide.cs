using Lambda.Store;
using Lambda.Views.Comparing;
using Lambda.Views.Partials;

namespace Lambda.Batch.Recompute;

/// <summary>What a generation has of some windows, as a side that is compared with another.</summary>
internal static class GenerationSide
{
    /// <summary>Adds events that count to the side, and those that were removed to neither, so that the windows that these would be part of are composed.</summary>
    public static void AddTo(
        this IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> generation, Action<ComparedSide, PartialBatch> add, ComparedSide side)
    {
        foreach ((PartialKind kind, PartialBatch partials) in generation)
        {
            add(kind == PartialKind.Kept ? side : ComparedSide.Neither, partials);
        }
    }

    /// <summary>What is chosen of it, by kind.</summary>
    public static IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> Among(
        this IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> generation, Func<PartialBatch, PartialBatch> choose) =>
        [.. generation.Select(part => (part.Kind, choose(part.Partials)))];
}
