using System.Text;

namespace Lambda.Events.Json;

/// <summary>Shows a few bytes of a refused record in a message.</summary>
internal static class Excerpt
{
    private const int MaxBytes = 60;

    public static string Of(ReadOnlySpan<byte> utf8) => utf8.Length <= MaxBytes
        ? $"'{Encoding.UTF8.GetString(utf8)}'"
        : $"'{Encoding.UTF8.GetString(utf8[..MaxBytes])}…' ({utf8.Length} bytes)";
}
