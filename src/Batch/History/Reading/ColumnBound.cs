using System.Text.Json;
using Lambda.Events;

namespace Lambda.Batch.History.Reading;

/// <summary>A bound of a column's values, as a table's log tells it of a file; of one that is neither an integer nor a text, or not told, nothing is known.</summary>
/// <param name="Number">The integer.</param>
/// <param name="Text">The text.</param>
internal readonly record struct ColumnBound(long? Number, string? Text)
{
    /// <summary>Reads the least or the greatest value of a member.</summary>
    /// <param name="stats">What the log tells of a file.</param>
    /// <param name="bounds">The property that has the least, or the greatest values.</param>
    /// <param name="member">The member.</param>
    public static ColumnBound Read(JsonElement stats, string bounds, EventMember member)
    {
        JsonElement found = stats;
        foreach (string name in member.Ancestry.Select(each => each.JsonName).Prepend(bounds))
        {
            if (found.ValueKind != JsonValueKind.Object || !found.TryGetProperty(name, out found))
            {
                return default;
            }
        }

        return found.ValueKind switch
        {
            JsonValueKind.Number when found.TryGetInt64(out long number) => new ColumnBound(number, null),
            JsonValueKind.String => new ColumnBound(null, found.GetString()),
            _ => default,
        };
    }
}
