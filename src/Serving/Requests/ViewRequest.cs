using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Keys;

namespace Lambda.Serving.Requests;

/// <summary>A query of a view, validated.</summary>
/// <param name="View">The view.</param>
/// <param name="Range">Windows that overlap this range are wanted.</param>
/// <param name="Key">Values that key parts must have, by their place in the definition.</param>
/// <param name="Layer">Whose answer is wanted.</param>
/// <param name="Grouping">Whether there is a row per key and window, or one per window.</param>
/// <param name="Order">What rows are ordered by; ties by window start and key.</param>
/// <param name="Limit">How many rows are wanted at most.</param>
internal sealed record ViewRequest(
    ViewDefinition View,
    WindowRange Range,
    IReadOnlyDictionary<int, object?> Key,
    ViewLayer Layer,
    RowGrouping Grouping,
    IReadOnlyList<RowOrder> Order,
    int Limit)
{
    /// <summary>Only rows behind this place are wanted; null for all.</summary>
    public RowCursor? After { get; init; }

    /// <summary>How many parts its windows may be made of where they overlap; null for however many.</summary>
    public int? MaxParts { get; init; }

    /// <summary>Makes texts of places in the answer; null when nobody asks for a next page.</summary>
    public CursorText? Cursors { get; init; }

    /// <summary>The view whose rows the answer has.</summary>
    public ViewDefinition Rows => Grouping == RowGrouping.Window ? View.WithoutKeys() : View;

    /// <summary>Whether a key has the values that are wanted.</summary>
    public bool Selects(GroupKey key) => Key.All(part => Equals(key.Parts[part.Key], part.Value));
}

/// <summary>Whose answer is wanted.</summary>
internal enum ViewLayer
{
    /// <summary>What the batch layer has computed, and the speed layer for the offsets after it.</summary>
    Merged,

    /// <summary>What the current generation holds.</summary>
    Batch,

    /// <summary>What the speed layer has said on its own, from the first offset that is kept.</summary>
    Speed,
}

/// <summary>What a row of an answer stands for.</summary>
internal enum RowGrouping
{
    /// <summary>One key in one window.</summary>
    KeyAndWindow,

    /// <summary>All keys that pass the filter in one window, their partials merged.</summary>
    Window,
}
