using System.Security.Cryptography;
using System.Text;

namespace Lambda.Store.Postgres.Answers;

/// <summary>
/// The names of columns of a SQL view. PostgreSQL takes names that are written without quotes as lower case, so lower case is what they are: whoever writes
/// <c>totalDelay</c> as in the API finds the column.
/// </summary>
internal sealed class AnswerNames
{
    /// <summary>PostgreSQL cuts longer names off.</summary>
    private const int MostBytes = 63;

    private readonly HashSet<string> _taken = [];

    /// <summary>The name of the SQL view of a view, without quotes. Views of several streams may have one name, and neither name has a point in it.</summary>
    public static string OfView(string stream, string view) => Fit($"{stream}.{view}");

    /// <summary>A name that is always there; made first.</summary>
    public string Reserved(string name)
    {
        _taken.Add(name);
        return name;
    }

    /// <summary>The quoted name of a key or an aggregate. One that is taken gets a line at its end.</summary>
    public string Of(string name)
    {
        StringBuilder lower = new(name.Length);
        foreach (char letter in name)
        {
            // As PostgreSQL does it: other alphabets stay as they are.
            lower.Append(char.IsAsciiLetterUpper(letter) ? char.ToLowerInvariant(letter) : letter);
        }

        string free = Fit(lower.ToString());
        while (!_taken.Add(free))
        {
            free = Fit(lower.Append('_').ToString());
        }

        return $"\"{free.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    /// <summary>A name that is too long keeps its beginning, and is told from others like it by a hash.</summary>
    private static string Fit(string name)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        if (bytes.Length <= MostBytes)
        {
            return name;
        }

        string hash = Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 4));
        int length = name.Length;
        while (Encoding.UTF8.GetByteCount(name.AsSpan(0, length)) + 1 + hash.Length > MostBytes)
        {
            length--;
        }

        return $"{name[..length]}~{hash}";
    }
}
