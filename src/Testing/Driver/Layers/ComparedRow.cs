using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Composing;

namespace Lambda.Testing.Layers;

/// <summary>A window in both layers.</summary>
/// <param name="Window">Whose key, start and end it has.</param>
/// <param name="Batch">As the batch layer serves it; null when no event of it counts.</param>
/// <param name="Speed">As the speed layer serves it; null when no event of it counts.</param>
/// <param name="Late">Events that were late.</param>
/// <param name="Removed">Events that the batch layer removed.</param>
/// <param name="BatchRead">All events that the batch layer has read of the window.</param>
/// <param name="SpeedRead">All events that the speed layer has read of it.</param>
internal sealed record ComparedRow(
    WindowRow Window, WindowRow? Batch, WindowRow? Speed, long Late, RemovedEvents Removed, WindowRow? BatchRead, WindowRow? SpeedRead)
{
    /// <summary>How the layers differ though they have read the same events; null when they do not.</summary>
    public string? Unexplained(ViewDefinition view)
    {
        long events = (SpeedRead?.EventCount ?? 0) - (BatchRead?.EventCount ?? 0);
        if (events != 0)
        {
            return $"The speed layer has read {SpeedRead?.EventCount ?? 0} events of the window, the batch layer {BatchRead?.EventCount ?? 0}.";
        }

        string[] differing =
        [
            .. view.Aggregates
                .Where((_, i) => !ResultValue.AreSame(SpeedRead?.Results[i], BatchRead?.Results[i]))
                .Select(aggregate => aggregate.Name),
        ];
        return differing.Length == 0
            ? null
            : $"Both layers have read the same events of the window, and yet differ in {string.Join(", ", differing)}. The aggregate breaks its laws.";
    }
}
