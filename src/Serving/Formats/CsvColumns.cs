using Lambda.Views;

namespace Lambda.Serving.Formats;

/// <summary>The header of a view's CSV: key parts, window, aggregates, then what the answer says about the row.</summary>
internal static class CsvColumns
{
    private static readonly string[] Window = ["windowStart", "windowEnd"];
    private static readonly string[] Position = ["partition", "offset"];
    private static readonly string[] About = ["status", "correctedBy", "batchEvents", "speedEvents", "lateEvents"];

    /// <summary>The names; a key part or aggregate with one of the fixed names gets <c>key.</c> or <c>value.</c> before it.</summary>
    public static IEnumerable<string> Of(ViewDefinition view) => [.. OfResults(view), .. About];

    /// <summary>The same names without those of what an answer says about rows.</summary>
    public static IEnumerable<string> OfResults(ViewDefinition view)
    {
        string[] window = view.Layout.HasPositions ? [.. Window, .. Position] : Window;
        return
        [
            .. view.Keys.Select(key => Free("key.", key.Name)),
            .. window,
            .. view.Aggregates.Select(aggregate => Free("value.", aggregate.Name)),
        ];

        string Free(string prefix, string name) =>
            window.Concat(About).Contains(name, StringComparer.OrdinalIgnoreCase) ? prefix + name : name;
    }
}
