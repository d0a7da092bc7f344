using System.Text;
using System.Text.Json;
using Lambda.Events;

namespace Lambda.Batch.History.Reading;

/// <summary>Values of a member from the least to the greatest one, both included.</summary>
/// <param name="Member">A member that <see cref="SoughtValues.CanBe"/> is said of.</param>
/// <param name="Least">An integer, or a text, of which the bytes in UTF-8 count.</param>
/// <param name="Greatest">The same.</param>
internal sealed record ValueRange(EventMember Member, object Least, object Greatest) : SoughtValues(Member)
{
    protected override bool MayLieBetween(JsonElement? least, JsonElement? greatest) =>
        !(greatest is { } last && Compare(last, Least) < 0) && !(least is { } first && Compare(first, Greatest) > 0);

    /// <summary>Nought as well when a bound is not of the member's type, which then tells nothing.</summary>
    private static int Compare(JsonElement bound, object value) => value switch
    {
        string text when bound.ValueKind == JsonValueKind.String =>
            Encoding.UTF8.GetBytes(bound.GetString()!).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(text)),
        int number when bound.ValueKind == JsonValueKind.Number && bound.TryGetInt64(out long other) => other.CompareTo(number),
        long number when bound.ValueKind == JsonValueKind.Number && bound.TryGetInt64(out long other) => other.CompareTo(number),
        _ => 0,
    };
}
