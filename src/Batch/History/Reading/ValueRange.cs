using System.Text;
using Lambda.Events;

namespace Lambda.Batch.History.Reading;

/// <summary>Values of a member from the least to the greatest one, both included.</summary>
/// <param name="Member">A member that <see cref="SoughtValues.CanBe"/> is said of.</param>
/// <param name="Least">An integer, or a text, of which the bytes in UTF-8 count.</param>
/// <param name="Greatest">The same.</param>
internal sealed record ValueRange(EventMember Member, object Least, object Greatest) : SoughtValues(Member)
{
    public override bool MayLieBetween(ColumnBound least, ColumnBound greatest) => Compare(greatest, Least) >= 0 && Compare(least, Greatest) <= 0;

    /// <summary>Nought as well when a bound is not known or not of the member's type, which then tells nothing.</summary>
    private static int Compare(ColumnBound bound, object value) => value switch
    {
        string text when bound.Text is { } other => Encoding.UTF8.GetBytes(other).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(text)),
        int number when bound.Number is { } other => other.CompareTo(number),
        long number when bound.Number is { } other => other.CompareTo(number),
        _ => 0,
    };
}
