using Lambda.Views;
using Lambda.Views.Composing;
using Lambda.Views.Partials;
using Lambda.Windows;

namespace Lambda.Store;

/// <summary>
/// Collects what layers say of a view: the windows that are served, what was refused or removed, and the windows of all events as they were read.
/// The last are the same wherever the same events have been read, whatever has become of them since.
/// </summary>
internal sealed class WindowLedger
{
    private readonly ViewDefinition _view;
    private readonly WindowComposer _served;
    private readonly WindowComposer _read;
    private readonly PartialSource _kept;
    private readonly PartialSource _duplicates;
    private readonly PartialSource _quarantined;
    private readonly PartialSource _accepted;
    private readonly PartialSource _late;
    private readonly AsReadPartials _asRead;

    /// <param name="view">The view as it is served.</param>
    /// <param name="read">The view as it is composed of all events; the same, or one of fewer aggregates.</param>
    public WindowLedger(ViewDefinition view, ViewDefinition read)
    {
        _view = view;
        _served = new WindowComposer(view);
        _kept = _served.AddSource(PartialSelection.Accepted, SourceRole.Result);
        _duplicates = _served.AddSource(PartialSelection.Accepted, SourceRole.JoiningTally);
        _quarantined = _served.AddSource(PartialSelection.Accepted, SourceRole.JoiningTally);
        _accepted = _served.AddSource(PartialSelection.Accepted, SourceRole.Result);
        _late = _served.AddSource(PartialSelection.Late, SourceRole.JoiningTally);
        _read = new WindowComposer(read);
        _asRead = new AsReadPartials(read, _read);
    }

    /// <summary>Adds partials of a generation, in the order of <see cref="AsReadPartials.Order"/>.</summary>
    public void AddBatch(PartialKind kind, PartialBatch partials)
    {
        _asRead.Add(kind, partials);
        if (kind != PartialKind.AsRead)
        {
            _served.Add(kind switch { PartialKind.Kept => _kept, PartialKind.Duplicate => _duplicates, _ => _quarantined }, partials);
        }
    }

    /// <summary>Adds partials of the speed layer, of epochs behind the generation's boundary.</summary>
    public void AddSpeed(PartialBatch partials)
    {
        _served.Add(_accepted, partials);
        _served.Add(_late, partials);
        _asRead.AddSpeed(partials);
    }

    /// <summary>Composes the windows that overlap a range.</summary>
    public WindowAccounts Compose(TimeWindow range)
    {
        // The windows of an order are moved by what was removed before them, wherever in time.
        TimeWindow composed = _view.Layout.HasPositions ? TimeWindow.All : range;
        Dictionary<WindowAddress, ServedWindow> served = _served.Compose(composed).ToDictionary(
            row => row.Address,
            row => new ServedWindow(row, row.EventsOf(_late), new RemovedEvents(row.EventsOf(_duplicates), row.EventsOf(_quarantined))));
        return new WindowAccounts(range, served, _read.Compose(composed).ToDictionary(row => row.Address));
    }
}
