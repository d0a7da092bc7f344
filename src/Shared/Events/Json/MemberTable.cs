using System.Text;

namespace Lambda.Events.Json;

/// <summary>Finds members by their JSON names: exactly first, then without regard to case as web clients send them.</summary>
internal sealed class MemberTable
{
    private readonly byte[][] _names;
    private readonly EventMember[] _members;

    public MemberTable(EventSchema schema)
    {
        _members = [.. schema.Members];
        _names = [.. schema.Members.Select(member => Encoding.UTF8.GetBytes(member.JsonName))];
    }

    /// <summary>The member of that name; null when there is none.</summary>
    /// <param name="name">The name, unescaped.</param>
    /// <param name="expected">Which member is likely: records mostly list their members in one order.</param>
    public EventMember? Find(ReadOnlySpan<byte> name, int expected)
    {
        if (expected < _names.Length && name.SequenceEqual(_names[expected]))
        {
            return _members[expected];
        }

        for (int i = 0; i < _names.Length; i++)
        {
            if (name.SequenceEqual(_names[i]))
            {
                return _members[i];
            }
        }

        for (int i = 0; i < _names.Length; i++)
        {
            if (Ascii.EqualsIgnoreCase(name, _names[i]))
            {
                return _members[i];
            }
        }

        return null;
    }
}
