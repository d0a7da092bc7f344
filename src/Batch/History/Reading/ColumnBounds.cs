using System.Text.Json;
using Lambda.Events;

namespace Lambda.Batch.History.Reading;

/// <summary>
/// What the log tells of the values in a file, read from its JSON once for each member that is asked for: a run asks it of every file of a history, and there are more of these each day. Safe for use by several threads
/// at once.
/// </summary>
internal sealed class ColumnBounds
{
    /// <summary>The members that were asked for, of which there are few. Where two threads ask at once, one may be forgotten, and is read again.</summary>
    private volatile Known? _known;

    /// <summary>Whether the file may have one of the values that are looked for.</summary>
    /// <param name="stats">What the log tells of the file, as JSON.</param>
    /// <param name="sought">The values.</param>
    public bool MayHold(ReadOnlyMemory<byte> stats, SoughtValues sought)
    {
        Known bounds = Find(stats, sought.Member);
        return sought.MayLieBetween(bounds.Least, bounds.Greatest);
    }

    private Known Find(ReadOnlyMemory<byte> stats, EventMember member)
    {
        Known? all = _known;
        for (Known? known = all; known is not null; known = known.Next)
        {
            if (known.Path == member.Path)
            {
                return known;
            }
        }

        using JsonDocument document = JsonDocument.Parse(stats);
        Known read = new(
            member.Path, ColumnBound.Read(document.RootElement, "minValues", member), ColumnBound.Read(document.RootElement, "maxValues", member), all);
        _known = read;
        return read;
    }

    /// <summary>The least and the greatest value of a member.</summary>
    private sealed record Known(string Path, ColumnBound Least, ColumnBound Greatest, Known? Next);
}
