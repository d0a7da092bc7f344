using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Composing;
using Lambda.Views.Plans;

namespace Lambda.Testing.Layers;

/// <summary>The batch layer: its runs, one after the other.</summary>
internal sealed class BatchSide(StreamPlan plan, DrivenLog log, SpeedSide speed)
{
    private readonly Dictionary<ViewDefinition, CorrectedWindows> _corrected =
        plan.Stream.Views.ToDictionary(view => view, view => new CorrectedWindows(view));

    private readonly Dictionary<ViewDefinition, IReadOnlyList<(WindowRow? Before, WindowRow? After)>> _lastChanges = [];

    /// <summary>What is served; null before the first run.</summary>
    public Generation? Current { get; private set; }

    /// <summary>Recomputes everything below a boundary at which epochs end, and serves it.</summary>
    public Generation Run(Boundary boundary)
    {
        Generation generation = new((Current?.Number ?? 0) + 1, plan, log, boundary);
        foreach (ViewDefinition view in plan.Stream.Views)
        {
            IReadOnlyList<(WindowRow? Before, WindowRow? After)> changes = new LayerWindows(view, speed, log.End).Changes(Current, generation);
            _lastChanges[view] = changes;
            foreach ((WindowRow? before, WindowRow? after) in changes)
            {
                _corrected[view].Add((after ?? before)!);
            }
        }

        Current = generation;
        return generation;
    }

    /// <summary>The windows of a view that some run has changed.</summary>
    public CorrectedWindows Corrected(ViewDefinition view) => _corrected[view];

    /// <summary>What the last run has changed.</summary>
    public IReadOnlyList<(WindowRow? Before, WindowRow? After)> LastChanges(ViewDefinition view) => _lastChanges.GetValueOrDefault(view) ?? [];
}
