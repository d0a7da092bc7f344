using System.Text;
using System.Text.Json;
using Lambda.Events;

namespace Lambda.Batch.History;

/// <summary>Values of a member from the least to the greatest one, both included: what is held against the bounds that a table's log tells of its files.</summary>
/// <param name="Member">A member that <see cref="CanBe"/> is said of.</param>
/// <param name="Least">An integer, or a text, of which the bytes in UTF-8 count.</param>
/// <param name="Greatest">The same.</param>
internal sealed record ValueRange(EventMember Member, object Least, object Greatest)
{
    /// <summary>
    /// Whether a member has bounds that can be relied on: integers and texts. Not decimals, one of which has several texts, nor doubles, as bounds leave out those
    /// that are no numbers.
    /// </summary>
    public static bool CanBe(EventMember member) =>
        member is { Kind: MemberKind.Value, List: null, Type: ColumnType.Int32 or ColumnType.Int64 or ColumnType.String };

    /// <summary>Whether a file may have a value in the range.</summary>
    /// <param name="stats">What the log tells of the file; of a member of which it does not, anything is possible.</param>
    public bool MayLieWithin(JsonElement stats) =>
        !(Find(stats, "maxValues") is { } greatest && Compare(greatest, Least) < 0) && !(Find(stats, "minValues") is { } least && Compare(least, Greatest) > 0);

    private JsonElement? Find(JsonElement stats, string bounds)
    {
        JsonElement found = stats;
        foreach (string name in Member.Ancestry.Select(member => member.JsonName).Prepend(bounds))
        {
            if (found.ValueKind != JsonValueKind.Object || !found.TryGetProperty(name, out found))
            {
                return null;
            }
        }

        return found;
    }

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
