using Lambda.Log;
using Lambda.Views;
using Lambda.Views.Partials;

namespace Lambda.Testing.Layers;

/// <summary>A run of offsets of one partition whose partials are kept together.</summary>
/// <param name="number">Its number.</param>
/// <param name="start">Its first offset.</param>
/// <param name="views">The views, in the order of the stream.</param>
internal sealed class SpeedEpoch(long number, long start, IReadOnlyList<ViewDefinition> views)
{
    private readonly Dictionary<PartialLayout, StoredPartials> _partials =
        views.ToDictionary(view => view.Layout, view => new StoredPartials(view.Layout));

    /// <summary>Its number.</summary>
    public long Number { get; } = number;

    /// <summary>The offsets that it holds.</summary>
    public OffsetRange Offsets { get; private set; } = new(start, start);

    /// <summary>Takes what a commit holds.</summary>
    public void Write(IReadOnlyList<PartialBatch> partials, long nextOffset)
    {
        foreach (PartialBatch touched in partials)
        {
            _partials[touched.Layout].Write(touched);
        }

        Offsets = Offsets with { End = nextOffset };
    }

    /// <summary>The partials of a view.</summary>
    public PartialBatch Read(ViewDefinition view) => _partials[view.Layout].Read();
}
