using System.Globalization;
using System.Text;

namespace Lambda.Batch.Audit.Profile;

/// <summary>Guesses a regular expression from examples: runs of upper or lower case letters or digits, with what is between them.</summary>
internal static class PatternGuess
{
    private const int FewestExamples = 10;

    /// <summary>The longest repetition that RE2 takes.</summary>
    private const int LongestRun = 1_000;

    private const string Special = "\\.+*?()|[]{}^$-";

    /// <summary>An expression that all examples match as a whole; null when they have too little in common, or are too few to tell.</summary>
    public static string? Of(IReadOnlyCollection<string> examples) =>
        examples.Count < FewestExamples ? null : Common(examples, Class) ?? Common(examples, AnyClass);

    private static string? Common(IReadOnlyCollection<string> examples, Func<char, Classes> group)
    {
        List<Part>? common = null;
        foreach (string example in examples)
        {
            List<Part>? parts = Split(example, group);
            if (parts is null or [])
            {
                return null;
            }

            if (common is null)
            {
                common = parts;
            }
            else if (!Widen(common, parts))
            {
                return null;
            }
        }

        return common is null ? null : string.Concat(common);
    }

    /// <summary>The parts of a text; null when a run in it is longer than a repetition may be.</summary>
    private static List<Part>? Split(string text, Func<char, Classes> group)
    {
        List<Part> parts = [];
        Classes last = Classes.None;
        foreach (char letter in text)
        {
            Classes own = group(letter);
            if (own == Classes.None)
            {
                parts.Add(new Part(letter, Classes.None, 1, 1, null));
            }
            else if (own == last)
            {
                Part run = parts[^1];
                if (run.Most == LongestRun)
                {
                    return null;
                }

                parts[^1] = run with { Letters = run.Letters | Class(letter), Least = run.Least + 1, Most = run.Most + 1, Same = run.Same + letter };
            }
            else
            {
                parts.Add(new Part(null, Class(letter), 1, 1, letter.ToString()));
            }

            last = own;
        }

        return parts;
    }

    private static bool Widen(List<Part> common, List<Part> parts)
    {
        if (common.Count != parts.Count)
        {
            return false;
        }

        for (int i = 0; i < common.Count; i++)
        {
            if (common[i].Literal != parts[i].Literal)
            {
                return false;
            }

            common[i] = common[i] with
            {
                Letters = common[i].Letters | parts[i].Letters,
                Least = Math.Min(common[i].Least, parts[i].Least),
                Most = Math.Max(common[i].Most, parts[i].Most),
                Same = common[i].Same == parts[i].Same ? common[i].Same : null,
            };
        }

        return true;
    }

    private static Classes AnyClass(char letter) => Class(letter) == Classes.None ? Classes.None : Classes.Any;

    private static Classes Class(char letter) => letter switch
    {
        >= 'A' and <= 'Z' => Classes.Upper,
        >= 'a' and <= 'z' => Classes.Lower,
        >= '0' and <= '9' => Classes.Digit,
        _ => Classes.None,
    };

    [Flags]
    private enum Classes
    {
        None = 0,
        Upper = 1,
        Lower = 2,
        Digit = 4,
        Any = Upper | Lower | Digit,
    }

    /// <param name="Literal">The character itself; null for letters and digits.</param>
    /// <param name="Letters">Of what kinds they are.</param>
    /// <param name="Least">How many at least.</param>
    /// <param name="Most">How many at most.</param>
    /// <param name="Same">The letters and digits themselves, when they are the same in all examples.</param>
    private sealed record Part(char? Literal, Classes Letters, int Least, int Most, string? Same)
    {
        public override string ToString()
        {
            if (Same is not null)
            {
                return Same;
            }

            StringBuilder text = new();
            if (Literal is { } literal)
            {
                return text.Append(Special.Contains(literal, StringComparison.Ordinal) ? "\\" : "").Append(literal).ToString();
            }

            text.Append('[')
                .Append(Letters.HasFlag(Classes.Upper) ? "A-Z" : "").Append(Letters.HasFlag(Classes.Lower) ? "a-z" : "")
                .Append(Letters.HasFlag(Classes.Digit) ? "0-9" : "").Append(']');
            return (Least == Most
                ? Least == 1 ? text : text.Append(CultureInfo.InvariantCulture, $"{{{Least}}}")
                : text.Append(CultureInfo.InvariantCulture, $"{{{Least},{Most}}}")).ToString();
        }
    }
}
