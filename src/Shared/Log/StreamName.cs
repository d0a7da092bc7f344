using System.Buffers;

namespace Lambda.Log;

/// <summary>What a stream may be called: what Kafka takes as the name of a topic, in every log, so that a stream can move there.</summary>
internal static class StreamName
{
    private const int MaxLength = 249;

    private static readonly SearchValues<char> Characters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <exception cref="EventLogException">The name is none.</exception>
    public static void Check(string stream)
    {
        if (!IsValid(stream))
        {
            throw new EventLogException(
                $"'{stream}' cannot be the name of a stream. Use 1 to {MaxLength} of the characters A–Z, a–z, 0–9, '.', '_' and '-'.");
        }
    }

    public static bool IsValid(string name) => !string.IsNullOrEmpty(name) && name.Length <= MaxLength && !name.AsSpan().ContainsAnyExcept(Characters);
}
