using Lambda.Views;
using Lambda.Views.Keys;
using Lambda.Views.Partials;

namespace Lambda.Testing.Layers;

/// <summary>The partials of a view and an epoch as a store keeps them: of those with the same address the one written last.</summary>
internal sealed class StoredPartials(PartialLayout layout)
{
    private readonly Dictionary<Address, int> _rows = [];
    private PartialBatch _written = new(layout);

    /// <summary>Writes partials over those with the same address; one of no events only says that what is there is no more.</summary>
    public void Write(PartialBatch partials)
    {
        for (int row = 0; row < partials.Count; row++)
        {
            Address address = AddressOf(partials, row);
            if (partials.EventCounts[row] == 0)
            {
                _rows.Remove(address);
                continue;
            }

            _rows[address] = _written.Count;
            _written.AddFrom(partials, row);
        }
    }

    /// <summary>All partials; valid until the next write.</summary>
    public PartialBatch Read()
    {
        if (_rows.Count < _written.Count)
        {
            PartialBatch current = new(layout);
            foreach ((Address address, int row) in _rows.OrderBy(entry => entry.Value).ToList())
            {
                _rows[address] = current.Count;
                current.AddFrom(_written, row);
            }

            _written = current;
        }

        return _written;
    }

    private static Address AddressOf(PartialBatch partials, int row) => new(
        new GroupKey([.. partials.Keys.Select(column => column.GetValue(row))]),
        partials.Starts[row],
        partials.Missed[row],
        partials.Positions?[row]);

    private readonly record struct Address(GroupKey Key, long Start, int Missed, EventPosition? First);
}
