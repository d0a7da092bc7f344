using Lambda.Batch.Recompute.Contents;
using Lambda.Batch.Recompute.Range;

namespace Lambda.Batch.Recompute;

/// <summary>What a generation is made of.</summary>
/// <param name="Run">The run, with the boundary that the generation reaches.</param>
/// <param name="Draft">The generation. A run over everything has written to it what it has let go of.</param>
/// <param name="Computation">What was computed: new events, or all.</param>
/// <param name="Carried">What the generation has carried over; null when everything was computed.</param>
/// <param name="Range">What of that was computed anew; null when nothing.</param>
/// <param name="Obstacle">Why everything was computed although less was asked for; null when nothing stood in the way.</param>
internal sealed record ComputedGeneration(
    PinnedRun Run, GenerationDraft Draft, Computation Computation, CarryOver? Carried, RecomputedRange? Range, string? Obstacle);
