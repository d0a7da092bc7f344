using System.Text;
using Lambda.Events;

namespace Lambda.Tests.Kernel.Json.Fuzzing;

/// <summary>Writes records of one event type in a style of its own: order of members, white space, how names are spelled, what is left out.</summary>
internal sealed class FuzzedSender
{
    private static readonly string[] OtherNames = ["other", "i d", "", "\\u006fther", "$type", "a_name_that_is_longer_than_a_block_of_bytes_is", "größen", "\u212Ailos"];

    private readonly Random _random;
    private readonly FuzzedValues _values;
    private readonly List<(EventMember? Member, string Name)> _members = [];
    private readonly string _opening;
    private readonly string _colon;
    private readonly string _comma;
    private readonly string _closing;
    private readonly int _oddity;
    private readonly bool _omitsNulls;
    private readonly StringBuilder _json = new();

    public FuzzedSender(FuzzedEvent fuzzed, Random random)
    {
        _random = random;
        _values = new FuzzedValues(random);
        _opening = Space("{");
        _colon = Space(":");
        _comma = Space(",");
        _closing = Space("}");
        _oddity = random.Next(3) == 0 ? 20 : 200;
        _omitsNulls = random.Next(2) == 0;
        bool keepsOrder = random.Next(2) == 0;
        foreach (EventMember member in fuzzed.Schema.Members.OrderBy(member => keepsOrder ? member.Ordinal : random.Next()))
        {
            if (random.Next(12) == 0)
            {
                _members.Add((null, OtherNames[random.Next(OtherNames.Length)]));
            }

            if (!member.IsNullable || random.Next(10) > 0)
            {
                _members.Add((member, Spelled(member.JsonName)));
            }

            if (random.Next(100) == 0)
            {
                _members.Add((member, Spelled(member.JsonName)));
            }
        }
    }

    /// <summary>Writes a record: most are good.</summary>
    public byte[] Next()
    {
        _json.Clear().Append(_opening);
        bool isFirst = true;
        foreach ((EventMember? member, string name) in _members)
        {
            if (member is { IsNullable: true } && _omitsNulls && _random.Next(4) == 0)
            {
                continue;
            }

            int repeats = _random.Next(_oddity * 4) == 0 ? _random.Next(3) : 1;
            for (; repeats > 0; repeats--)
            {
                _json.Append(isFirst ? "" : _comma).Append('"').Append(name).Append('"').Append(_colon).Append(Value(member));
                isFirst = false;
            }
        }

        return Encoding.UTF8.GetBytes(_json.Append(_closing).ToString());
    }

    private string Value(EventMember? member)
    {
        if (member is null)
        {
            return _random.Next(4) == 0 ? _values.Unknown() : "7";
        }

        return member.IsNullable && _random.Next(8) == 0 ? "null"
            : _random.Next(_oddity) == 0 ? _values.Odd(member.Type)
            : _values.Usual(member.Type);
    }

    private string Spelled(string name) => _random.Next(20) switch
    {
        0 => name.ToUpperInvariant(),
        1 => $"\\u{(int)name[0]:x4}{name[1..]}",
        _ => name,
    };

    private string Space(string mark) => _random.Next(6) switch
    {
        0 => mark + " ",
        1 => " " + mark,
        2 => $"\r\n\t{mark}\n  ",
        _ => mark,
    };
}
