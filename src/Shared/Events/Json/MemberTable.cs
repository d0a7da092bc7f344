using System.Text;

namespace Lambda.Events.Json;

/// <summary>Finds members by their JSON names: exactly first, then without regard to case as web clients send them. Not safe for use by several threads at once.</summary>
internal sealed class MemberTable
{
    private readonly byte[][] _names;
    private readonly EventMember[] _members;

    /// <summary>Room for the characters of the longest name that can match; one of its characters takes at most three bytes.</summary>
    private readonly char[] _characters;

    public MemberTable(EventSchema schema)
    {
        _members = [.. schema.Members];
        _characters = new char[schema.Members.Max(member => member.JsonName.Length) * 3];
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

        return Ascii.IsValid(name) ? null : FindBeyondAscii(name);
    }

    private EventMember? FindBeyondAscii(ReadOnlySpan<byte> name)
    {
        if (name.Length > _characters.Length)
        {
            return null;
        }

        ReadOnlySpan<char> characters = _characters.AsSpan(0, Encoding.UTF8.GetChars(name, _characters));
        foreach (EventMember member in _members)
        {
            if (characters.Equals(member.JsonName, StringComparison.OrdinalIgnoreCase))
            {
                return member;
            }
        }

        return null;
    }
}
