using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Composing;

namespace Lambda.Testing.Layers;

/// <summary>What there is to read of both layers at one instant.</summary>
/// <param name="Speed">The speed layer.</param>
/// <param name="Batch">The batch layer.</param>
/// <param name="End">Per partition the end of what was sent.</param>
/// <param name="Watermark">The stream's watermark.</param>
internal sealed record LayerState(SpeedSide Speed, BatchSide Batch, Boundary End, long Watermark)
{
    /// <summary>What is served of the batch layer; null before its first run.</summary>
    public Generation? Generation => Batch.Current;

    /// <summary>The windows that some run has changed.</summary>
    public CorrectedWindows Corrected(ViewDefinition view) => Batch.Corrected(view);

    /// <summary>What the last run has changed.</summary>
    public IReadOnlyList<(WindowRow? Before, WindowRow? After)> LastChanges(ViewDefinition view) => Batch.LastChanges(view);
}
