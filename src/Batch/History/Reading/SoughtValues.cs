using System.Text.Json;
using Lambda.Events;

namespace Lambda.Batch.History.Reading;

/// <summary>Values of a member that are looked for: what is held against the bounds that a table's log tells of its files.</summary>
/// <param name="Member">A member that <see cref="CanBe"/> is said of.</param>
internal abstract record SoughtValues(EventMember Member)
{
    /// <summary>
    /// Whether a member has bounds that can be relied on: integers and texts. Not decimals, one of which has several texts, nor doubles, as bounds leave out those
    /// that are no numbers.
    /// </summary>
    public static bool CanBe(EventMember member) =>
        member is { Kind: MemberKind.Value, List: null, Type: ColumnType.Int32 or ColumnType.Int64 or ColumnType.String };

    /// <summary>Whether a file may have one of them.</summary>
    /// <param name="stats">What the log tells of the file; of a member of which it does not, anything is possible.</param>
    public bool MayLieWithin(JsonElement stats) => MayLieBetween(Find(stats, "minValues"), Find(stats, "maxValues"));

    /// <summary>Whether one of them may lie between two bounds, both included; null where one is not known.</summary>
    protected abstract bool MayLieBetween(JsonElement? least, JsonElement? greatest);

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
}
