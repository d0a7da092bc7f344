using System.Globalization;
using System.Text;
using Lambda.Events;

namespace Lambda.Tests.Kernel.Json.Fuzzing;

/// <summary>JSON values for members of all types: usual ones, and those at and beyond the limits of what is allowed.</summary>
internal sealed class FuzzedValues(Random random)
{
    private static readonly string[] OddNumbers =
    [
        "0", "-0", "00", "01", "-01", "-", "--1", "+1", "1.", ".5", "5.", "-.5", "1.0", "1.00", "-0.0", "0.0", "0e0", "-0e5", "1e2", "1E+2", "1e-2", "1e", "1e+",
        "1.e5", "1.5e", "1e400", "-1e400", "1e-400", "1.7976931348623157e308", "1.7976931348623159e308", "5e-324", "2.2250738585072014e-308", "4.9e-325",
        "2147483647", "2147483648", "-2147483648", "-2147483649", "4294967296", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
        "-9223372036854775809", "18446744073709551615", "18446744073709551616", "99999999999999999999", "9999999", "99999999", "999999999", "-9999999",
        "-99999999", "9007199254740992", "9007199254740993", "9007199254740993.0", "0.1000000000000000055511151231257827021181583404541015625",
        "79228162514264337593543950335", "79228162514264337593543950336", "0.0000000000000000000000000001", "0.00000000000000000000000000004",
        "1.0000000000000000000000000000", "1.00000000000000000000000000000", "123456789012345678901234567890.123", "0x10", "1_000", "1,5", "NaN", "Infinity",
        "-Infinity", "1 2", "1-", "1+1", "1d", "１", "true", "\"1\"", "null", "{}", "[1]", "3000000000null", "1null",
    ];

    private static readonly string[] OddTimes =
    [
        "\"2024-02-29\"", "\"2023-02-29T00:00:00Z\"", "\"2000-02-29T00:00:00Z\"", "\"1900-02-29T00:00:00Z\"", "\"2024-00-01T00:00:00Z\"",
        "\"2024-13-01T00:00:00Z\"", "\"2024-04-31T00:00:00Z\"", "\"2024-01-00T00:00:00Z\"", "\"2024-01-32T00:00:00Z\"", "\"2024-01-01T24:00:00Z\"",
        "\"2024-01-01T23:60:00Z\"", "\"2024-01-01T23:59:60Z\"", "\"0000-01-01T00:00:00Z\"", "\"0001-01-01T00:00:00Z\"", "\"0001-01-01T00:00:00+01:00\"",
        "\"0001-01-01T00:00:00-01:00\"", "\"0001-01-02T00:00:00+14:00\"", "\"9999-12-31T23:59:59.9999999Z\"", "\"9999-12-31T23:59:59-01:00\"",
        "\"9999-12-30T23:59:59-14:00\"", "\"9999-12-31T23:59:59+01:00\"", "\"2024-01-01t00:00:00Z\"", "\"2024-01-01T00:00:00z\"", "\"2024-01-01 00:00:00Z\"",
        "\"2024-01-01T00:00:00ZZ\"", "\"2024-01-01T00:00:00Z \"", "\" 2024-01-01T00:00:00Z\"", "\"2024-01-01T00:00Z\"", "\"2024-01-01T00:00\"",
        "\"2024-01-01T00Z\"", "\"2024-01-01T00:00:00.Z\"", "\"2024-01-01T00:00:00,5Z\"", "\"2024-01-01T00:00:00.5\"", "\"2024-01-01T00:00:00+0200\"",
        "\"2024-01-01T00:00:00+02\"", "\"2024-01-01T00:00:00+02:60\"", "\"2024-01-01T00:00:00-00:00\"", "\"2024-01-01T00:00:00+13:59\"",
        "\"2024-01-01T00:00:00+14:00\"", "\"2024-01-01T00:00:00-14:00\"", "\"2024-01-01T00:00:00+14:01\"", "\"2024-01-01T00:00:00+23:59\"",
        "\"2024-01-01T00:00:00+02:00Z\"", "\"+024-01-01T00:00:00Z\"", "\"2024-1-1T00:00:00Z\"", "\"\\u0032024-01-01T00:00:00Z\"",
        "\"2024-01-01T00:00:00\\u005a\"", "\"\"", "\"2024\"", "0", "null", "{}",
        "\"1969-12-31T23:59:59.9999999Z\"", "\"1970-01-01T00:00:00.0000001-00:30\"", "\"1969-12-31T23:59:59.123456789Z\"",
    ];

    private static readonly string[] OddTexts =
    [
        "\"\"", "\"\\\"\"", "\"\\\\\"", "\"\\/\\b\\f\\n\\r\\t\"", "\"\\u0000\"", "\"\\ud83d\\ude80\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\ud800\"", "\"\\x\"",
        "\"\\u12\"", "\"\\\"", "\"\t\"", "\"\u007f\"", "\"\u0080\"", "\"\u2028\"", "\"\uFEFF\"", "\"日本🚀\"", "\"\"\"", "'a'", "\"unfinished", "null", "1",
        "true", "{}", "[]", "\"},{\"", "\":\"", "\",\"",
    ];

    private static readonly string[] OddFlags = ["True", "tru", "truee", "true1", "fals", "falsee", "FALSE", "1", "0", "\"true\"", "null", "t", "f", "nul", "nulll"];

    private static readonly string[] UnknownValues =
    [
        "1", "-12.5e3", "\"x\"", "\"plain text that is a bit longer than a block of bytes\"", "true", "false", "null", "\"ü\"", "{}", "[]", "[1,{\"a\":[]}]", "{\"a\":1,}",
        "01", "1.", "tru", "\"\\ud800\"", "\"\\n\"", "-", "\"\t\"",
    ];

    private static readonly int[] Lengths = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 28, 29, 30, 31, 32, 33, 34, 47, 63, 64, 65, 95, 96, 97, 127, 128, 129];

    /// <summary>A value that a member of the type takes.</summary>
    public string Usual(ColumnType type) => type switch
    {
        ColumnType.Boolean => random.Next(2) == 0 ? "true" : "false",
        ColumnType.Int32 => UsualInteger(9),
        ColumnType.Int64 => UsualInteger(18),
        ColumnType.Double => UsualDouble(),
        ColumnType.Decimal => $"{UsualInteger(12)}{(random.Next(3) == 0 ? "" : $".{Digits(random.Next(1, 8))}")}",
        ColumnType.Timestamp => $"\"{UsualTime()}\"",
        _ => $"\"{UsualText()}\"",
    };

    /// <summary>A value at or beyond the limits of the type.</summary>
    public string Odd(ColumnType type) => type switch
    {
        ColumnType.Boolean => Any(OddFlags),
        ColumnType.Timestamp => Any(OddTimes),
        ColumnType.String => Any(OddTexts),
        _ => random.Next(4) == 0 ? $"{Any(["", "-"])}{Digits(random.Next(1, 24))}{Any(["", ".", ".0", "e1"])}" : Any(OddNumbers),
    };

    /// <summary>A value of a member that no schema knows.</summary>
    public string Unknown() => Any(UnknownValues);

    private string UsualInteger(int maxDigits)
    {
        int digits = random.Next(1, maxDigits + 1);
        string number = random.NextInt64((long)Math.Pow(10, digits)).ToString(CultureInfo.InvariantCulture);
        return random.Next(4) == 0 && number != "0" ? "-" + number : number;
    }

    private string UsualDouble() => random.Next(5) switch
    {
        0 => UsualInteger(17),
        1 => $"{UsualInteger(6)}.{Digits(random.Next(1, 12))}",
        2 => $"{UsualInteger(3)}.{Digits(random.Next(12, 24))}",
        3 => (random.NextDouble() * 1000).ToString("R", CultureInfo.InvariantCulture),
        _ => BitConverter.UInt64BitsToDouble((ulong)random.NextInt64()) is var any && double.IsFinite(any) ? any.ToString("E16", CultureInfo.InvariantCulture) : "1.5",
    };

    private string UsualTime()
    {
        // A good part lies ahead of the time at which records are said to be appended.
        long ticks = random.Next(8) == 0
            ? random.NextInt64(DateTime.MaxValue.Ticks)
            : new DateTime(random.Next(1960, 2031), 1, 1).Ticks + random.NextInt64(TimeSpan.TicksPerDay * 365);
        string seconds = new DateTime(ticks).ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);
        string fraction = random.Next(2) == 0 ? "" : $".{Digits(random.Next(1, random.Next(8) == 0 ? 18 : 10))}";
        string zone = random.Next(8) switch
        {
            0 => "",
            1 or 2 => string.Create(CultureInfo.InvariantCulture, $"{Any(["+", "-"])}{random.Next(0, 15):00}:{random.Next(0, 60):00}"),
            _ => "Z",
        };
        return seconds + fraction + zone;
    }

    private string UsualText()
    {
        StringBuilder text = new();
        for (int length = Lengths[random.Next(Lengths.Length)]; length > 0; length--)
        {
            char character = (char)random.Next(' ', '\u007f');
            text.Append(character is '"' or '\\' ? 'x' : character);
        }

        if (random.Next(10) == 0)
        {
            text.Insert(random.Next(text.Length + 1), Any(["é", "日", "🚀", "\u0080", "\uFFFF"]));
        }

        return text.ToString();
    }

    private string Digits(int count) => string.Create(count, random, static (digits, random) =>
    {
        foreach (ref char digit in digits)
        {
            digit = (char)('0' + random.Next(10));
        }
    });

    private string Any(string[] values) => values[random.Next(values.Length)];
}
