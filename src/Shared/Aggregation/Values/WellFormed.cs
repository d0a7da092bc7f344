using System.Diagnostics.CodeAnalysis;
using Text = System.Text.Encoding;

namespace Lambda.Aggregation.Values;

/// <summary>
/// Texts that expressions compute can end in half a surrogate pair, which UTF-8 cannot hold, so that a state would change by being stored. Members of
/// events never do.
/// </summary>
internal static class WellFormed
{
    /// <summary>The text with U+FFFD in place of every half of a pair.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Of(string? text) => text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0
        ? text
        : Text.UTF8.GetString(Text.UTF8.GetBytes(text!));
}
