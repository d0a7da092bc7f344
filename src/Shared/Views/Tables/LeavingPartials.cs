using System.Diagnostics.CodeAnalysis;
using Lambda.Aggregation;
using Lambda.Views.Partials;
using Lambda.Windows;

namespace Lambda.Views.Tables;

/// <summary>Where the partials of a table go that leave it, and what writes their states there: those that follow one another mostly go to the same batch.</summary>
internal ref struct LeavingPartials(IPartialRelease release)
{
    private PartialBatch? _destination;
    private StateWriter? _states;

    /// <summary>Whether a partial leaves, by the time that events of it can have, and where it goes.</summary>
    public bool TryLeave(TimeWindow reach, [NotNullWhen(true)] out PartialBatch? destination, [NotNullWhen(true)] out StateWriter? states)
    {
        destination = release.DestinationOf(reach);
        if (destination is not null && !ReferenceEquals(destination, _destination))
        {
            _destination = destination;
            _states = new StateWriter(destination.States);
        }

        states = destination is null ? null : _states!;
        return destination is not null;
    }
}
