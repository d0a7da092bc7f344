using Lambda.Views;
using Lambda.Views.Comparing;
using Lambda.Views.Composing;
using Lambda.Views.Partials;

namespace Lambda.Store;

/// <summary>
/// Composes windows of all events that a generation has read, removed ones included. Where windows have a place in time, that is what was kept and
/// what was removed. Where the order of events makes them, a removed event moves all windows behind it: there a generation also holds the windows
/// as read, for the keys that have removed events, and those of all other keys are what was kept.
/// </summary>
internal sealed class AsReadPartials
{
    /// <summary>All kinds, in the order in which they have to be added.</summary>
    public static readonly IReadOnlyList<PartialKind> Order =
        [PartialKind.AsRead, PartialKind.Kept, PartialKind.Duplicate, PartialKind.Quarantined];

    private readonly WindowComposer _composer;
    private readonly PartialSource _source;
    private readonly PartialKeys? _moved;

    public AsReadPartials(ViewDefinition view, WindowComposer composer)
    {
        _composer = composer;
        _source = composer.AddSource(PartialSelection.AcceptedAndLate, SourceRole.Result);
        _moved = view.Layout.HasPositions ? new PartialKeys(view) : null;
    }

    /// <summary>Adds partials of a generation, those of a kind after those of the kinds before it in <see cref="Order"/>.</summary>
    public void Add(PartialKind kind, PartialBatch partials)
    {
        if (_moved is null)
        {
            _composer.Add(_source, partials);
        }
        else if (kind == PartialKind.AsRead)
        {
            _moved.Add(partials);
            _composer.Add(_source, partials);
        }
        else if (kind == PartialKind.Kept)
        {
            _composer.Add(_source, _moved.Beside(partials));
        }
    }

    /// <summary>Adds partials of the speed layer, of epochs behind the generation's boundary.</summary>
    public void AddSpeed(PartialBatch partials) => _composer.Add(_source, partials);
}
