using Microsoft.Extensions.Primitives;

namespace Lambda.Serving.Requests;

/// <summary>
/// The query string of a request. Parameters are taken out one by one; what is left at the end was misspelt, and an answer that silently ignored a
/// filter would be a wrong one.
/// </summary>
internal sealed class Parameters
{
    private readonly Dictionary<string, string> _left = new(StringComparer.OrdinalIgnoreCase);

    public Parameters(IEnumerable<KeyValuePair<string, StringValues>> query)
    {
        foreach ((string name, StringValues values) in query)
        {
            if (values.Count > 1 || !_left.TryAdd(name, values.ToString()))
            {
                throw RequestException.BadParameter(name, $"Parameter '{name}' is given several times. Give it once.");
            }
        }
    }

    /// <summary>The names of the parameters that have not been taken.</summary>
    public IReadOnlyCollection<string> Left => [.. _left.Keys];

    /// <summary>Takes a parameter out; null when it was not given.</summary>
    public string? Take(string name) => _left.Remove(name, out string? value) ? value : null;

    /// <summary>Takes a whole number out that lies between <paramref name="least"/> and <paramref name="greatest"/>.</summary>
    /// <exception cref="RequestException">It is no such number.</exception>
    public int TakeNumber(string name, int usual, int least, int greatest)
    {
        if (Take(name) is not { } text)
        {
            return usual;
        }

        return int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out int number) && number >= least && number <= greatest
            ? number
            : throw RequestException.BadParameter(
                name, $"Parameter '{name}' cannot be '{Shorten(text)}'. Give a whole number from {least} to {greatest}.");
    }

    /// <summary>Takes one word of several out.</summary>
    /// <exception cref="RequestException">It is none of them.</exception>
    public T TakeWord<T>(string name, T usual)
        where T : struct, Enum
    {
        if (Take(name) is not { } text)
        {
            return usual;
        }

        // Enum.TryParse would also take numbers.
        string? word = Enum.GetNames<T>().FirstOrDefault(candidate => candidate.Equals(text, StringComparison.OrdinalIgnoreCase));
        return word is not null ? Enum.Parse<T>(word) : throw RequestException.BadParameter(
            name,
            $"Parameter '{name}' cannot be '{Shorten(text)}'. Give one of: {string.Join(", ", Enum.GetNames<T>().Select(WireNames.Camel))}.");
    }

    /// <summary>Takes true or false out.</summary>
    /// <exception cref="RequestException">It is neither.</exception>
    public bool TakeFlag(string name)
    {
        string? text = Take(name);
        return text?.ToUpperInvariant() switch
        {
            null or "FALSE" => false,
            "TRUE" => true,
            _ => throw RequestException.BadParameter(name, $"Parameter '{name}' cannot be '{Shorten(text)}'. Give true or false."),
        };
    }

    /// <summary>Refuses what has not been taken.</summary>
    /// <exception cref="RequestException">Something is left.</exception>
    public void MustBeEmpty(string known)
    {
        if (Left.FirstOrDefault() is { } name)
        {
            throw RequestException.BadParameter(name, $"There is no parameter '{Shorten(name)}'. {known}");
        }
    }

    /// <summary>Text of a request as it is shown in an error: never so long that it hides the message.</summary>
    public static string Shorten(string text) => text.Length <= 80 ? text : $"{text.AsSpan(0, 80)}…";
}
