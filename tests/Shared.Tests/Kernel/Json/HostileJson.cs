using System.Text;

namespace Lambda.Tests.Kernel.Json;

/// <summary>Records that are mostly good, and what an enemy or a broken sender makes of them.</summary>
internal sealed class HostileJson(int seed)
{
    private static readonly string[] Strings =
    [
        "\"\"", "\"a\"", "\"日本🚀\"", "\"\\u0000\"", "\"\\ud83d\\ude80\"", "\"\\ud800\"", "\"\\udc00x\"", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\x\"",
        "\"\\u12\"", "\"\t\"", "\"\u2028\"", "null", "1", "true", "{}", "[]", "'a'", "\"unfinished",
    ];

    private static readonly string[] Numbers =
    [
        "0", "-0", "1", "-1", "2147483647", "2147483648", "-2147483648", "-2147483649", "9223372036854775807", "9223372036854775808",
        "-9223372036854775808", "-9223372036854775809", "1.0", "1.00", "-0.0", "1e2", "1E+2", "1e-2", "1.5e308", "1.8e308", "-1e999", "5e-324", "1e-999",
        "79228162514264337593543950335", "79228162514264337593543950336", "0.0000000000000000000000000001", "0.00000000000000000000000000004",
        "123456789012345678901234567890.123", "00", "01", "+1", ".5", "5.", "0x10", "1e", "NaN", "Infinity", "\"1\"", "null", "true", "[1]", "1 2", "--1",
        "0.1000000000000000055511151231257827021181583404541015625",
    ];

    private static readonly string[] Times =
    [
        "\"2024-02-29T12:34:56Z\"", "\"2024-02-29T12:34:56\"", "\"2024-02-29\"", "\"2024-02-29T12:34:56.1234567+14:00\"",
        "\"2024-02-29T12:34:56.123456789012-02:30\"", "\"0001-01-01T00:00:00Z\"", "\"0001-01-01T00:00:00+01:00\"", "\"9999-12-31T23:59:59.9999999Z\"",
        "\"9999-12-31T23:59:59-01:00\"", "\"2023-02-29\"", "\"2024-13-01\"", "\"24:00\"", "\"2024-02-29T24:00:00Z\"", "\"2024-02-29T23:59:60Z\"",
        "\"2024-02-29t12:34:56z\"", "\"2024-02-29 12:34:56\"", "\"\\u0032024-02-29\"", "\"1969-12-31T23:59:59.9999999Z\"", "\"\"", "0", "null", "1709210096",
    ];

    private static readonly string[] Flags = ["true", "false", "null", "0", "\"true\"", "True", "tru"];

    private static readonly string[] Unknowns =
        ["{\"a\":[1,{\"b\":null}]}", "[[[[]]]]", "\"\\ud800\"", "1e999", "{\"id\":1}", "nul", "[1,]", "{\"a\":1,}", "\"\"", "-", "[", "{ }", "123", "\"x\""];

    private static readonly string[] UnknownNames = ["other", "i d", "", "\\u006fther", "$type", "ignored", "idd", "größen", "grosse", "\u212Ailos", "\\ud800"];

    private static readonly (string Name, string[] Values)[] Members =
    [
        ("id", Strings), ("time", Times), ("text", Strings), ("whole", Numbers), ("maybeWhole", Numbers), ("large", Numbers), ("maybeLarge", Numbers),
        ("kilo", Numbers), ("maybeKilo", Numbers), ("money", Numbers), ("maybeMoney", Numbers), ("flag", Flags), ("maybeFlag", Flags), ("seen", Times),
        ("größe", Strings),
    ];

    private static readonly string[] Splices =
        ["//x\n", "/* x */", ",", ",,", "}", "{", "]", "[", ":", "\"", "\\", "\0", " ", "\n", "\uFEFF", "null", "\u00a0", "\\u", "\"id\":null,", "1", "e", "-", "."];

    private static readonly byte[] BadBytes = [0x80, 0xFF, 0xC0, 0xED, 0xF5, 0x00, 0xEF];

    private readonly Random _random = new(seed);

    public byte[] Next()
    {
        List<byte> json = [.. Encoding.UTF8.GetBytes(Record())];
        for (int mutations = _random.Next(3) == 0 ? _random.Next(1, 4) : 0; mutations > 0; mutations--)
        {
            Mutate(json);
        }

        return [.. json];
    }

    private string Record()
    {
        // Most records are good but for one member, so that each rule is met alone.
        StringBuilder json = new("{");
        int odd = _random.Next(Members.Length * 2);
        foreach (int index in Enumerable.Range(0, Members.Length).OrderBy(index => _random.Next(3) == 0 ? _random.Next(20) : index))
        {
            (string name, string[] values) = Members[index];
            if (index == odd)
            {
                switch (_random.Next(4))
                {
                    case 0:
                        continue;
                    case 1:
                        Append(json, name, values[_random.Next(values.Length)]);
                        break;
                }

                Append(json, name, values[_random.Next(values.Length)]);
            }
            else
            {
                Append(json, name, Good(name, values));
            }

            if (_random.Next(20) == 0)
            {
                Append(json, UnknownNames[_random.Next(UnknownNames.Length)], Unknowns[_random.Next(Unknowns.Length)]);
            }
        }

        return json.Append('}').ToString();
    }

    private string Good(string name, string[] values) => values == Strings ? values[_random.Next(5)]
        : values == Times ? values[_random.Next(4)]
        : values == Flags ? values[_random.Next(2)]
        : name is "money" or "kilo" ? values[_random.Next(17)] : values[_random.Next(5)];

    private void Append(StringBuilder json, string name, string value)
    {
        if (json.Length > 1)
        {
            json.Append(',');
        }

        name = name.Length == 0 ? name : _random.Next(12) switch
        {
            0 => name.ToUpperInvariant(),
            1 when name[0] != '\\' => $"\\u{(int)name[0]:x4}{name[1..]}",
            2 => char.ToUpperInvariant(name[0]) + name[1..],
            _ => name,
        };
        json.Append(_random.Next(30) == 0 ? " " : "").Append('"').Append(name).Append("\":").Append(_random.Next(30) == 0 ? "\r\n\t" : "").Append(value);
    }

    private void Mutate(List<byte> json)
    {
        int place = _random.Next(json.Count + 1);
        int length = Math.Min(json.Count - place, _random.Next(1, 8));
        switch (_random.Next(8))
        {
            case 0:
                json.RemoveRange(place, length);
                break;
            case 1:
                json.InsertRange(place, json.GetRange(place, length));
                break;
            case 2:
                json.RemoveRange(place, json.Count - place);
                break;
            case 3 when place < json.Count:
                json[place] ^= (byte)(1 << _random.Next(8));
                break;
            case 4:
                json.Insert(place, BadBytes[_random.Next(BadBytes.Length)]);
                break;
            case 5:
                json.InsertRange(0, Encoding.UTF8.GetBytes(Splices[_random.Next(Splices.Length)]));
                break;
            case 6:
                json.AddRange(Encoding.UTF8.GetBytes(Splices[_random.Next(Splices.Length)]));
                break;
            default:
                json.InsertRange(place, Encoding.UTF8.GetBytes(Splices[_random.Next(Splices.Length)]));
                break;
        }
    }
}
