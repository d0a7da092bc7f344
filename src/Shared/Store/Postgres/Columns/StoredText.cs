using System.Buffers;
using System.Text;

namespace Lambda.Store.Postgres.Columns;

/// <summary>
/// Texts as PostgreSQL can hold them, which refuses U+0000. U+0010, which the standard of old made for this, stands before <c>0</c> for U+0000 and before
/// itself for itself; all other texts are as they are. Half a surrogate pair, which no UTF-8 can hold, becomes U+FFFD.
/// </summary>
internal static class StoredText
{
    private const char Escape = '\u0010';

    private static readonly SearchValues<char> Escaped = SearchValues.Create('\0', Escape);

    /// <summary>The text to be stored.</summary>
    public static string Write(string text)
    {
        if (text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        }

        if (!text.AsSpan().ContainsAny(Escaped))
        {
            return text;
        }

        StringBuilder stored = new(text.Length + 8);
        foreach (char part in text)
        {
            _ = part switch
            {
                '\0' => stored.Append(Escape).Append('0'),
                Escape => stored.Append(Escape).Append(Escape),
                _ => stored.Append(part),
            };
        }

        return stored.ToString();
    }

    /// <summary>The text that was stored.</summary>
    public static string Read(string stored)
    {
        if (!stored.Contains(Escape, StringComparison.Ordinal))
        {
            return stored;
        }

        StringBuilder text = new(stored.Length);
        for (int i = 0; i < stored.Length; i++)
        {
            bool escapes = stored[i] == Escape && i + 1 < stored.Length;
            text.Append(!escapes ? stored[i] : stored[++i] == '0' ? '\0' : stored[i]);
        }

        return text.ToString();
    }
}
