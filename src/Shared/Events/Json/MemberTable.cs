using System.Text;

namespace Lambda.Events.Json;

/// <summary>Finds members by their JSON names: exactly first, then without regard to case as web clients send them. Not safe for use by several threads at once.</summary>
internal sealed class MemberTable
{
    private readonly byte[][] _names;
    private readonly EventMember[] _members;

    /// <summary>Room for the characters of the longest name that can match; one of its characters takes at most three bytes.</summary>
    private readonly char[] _characters;

    public MemberTable(IReadOnlyList<EventMember> members)
    {
        _members = [.. members];
        _characters = new char[members.Max(member => member.JsonName.Length) * 3];
        _names = [.. members.Select(member => Encoding.UTF8.GetBytes(member.JsonName))];
    }

    /// <summary>The member at a place.</summary>
    public EventMember this[int place] => _members[place];

    /// <summary>The place of the member of that name; null when there is none.</summary>
    /// <param name="name">The name, unescaped.</param>
    /// <param name="expected">Which place is likely: records mostly list their members in one order.</param>
    public int? Find(ReadOnlySpan<byte> name, int expected)
    {
        if (expected < _names.Length && name.SequenceEqual(_names[expected]))
        {
            return expected;
        }

        for (int i = 0; i < _names.Length; i++)
        {
            if (name.SequenceEqual(_names[i]))
            {
                return i;
            }
        }

        for (int i = 0; i < _names.Length; i++)
        {
            if (Ascii.EqualsIgnoreCase(name, _names[i]))
            {
                return i;
            }
        }

        return Ascii.IsValid(name) ? null : FindBeyondAscii(name);
    }

    private int? FindBeyondAscii(ReadOnlySpan<byte> name)
    {
        if (name.Length > _characters.Length)
        {
            return null;
        }

        ReadOnlySpan<char> characters = _characters.AsSpan(0, Encoding.UTF8.GetChars(name, _characters));
        for (int i = 0; i < _members.Length; i++)
        {
            if (characters.Equals(_members[i].JsonName, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return null;
    }
}
