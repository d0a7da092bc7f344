using System.Globalization;
using Lambda.Time;

namespace Lambda.Windows;

/// <summary>Reads the durations that windows are declared with.</summary>
internal static class Durations
{
    /// <summary>A duration in microseconds.</summary>
    /// <param name="duration">The duration.</param>
    /// <param name="wrong">What to say of one that is not positive and whole; <c>{0}</c> stands for it.</param>
    /// <param name="example">A right declaration.</param>
    /// <exception cref="DefinitionException">The duration is not a positive whole number of microseconds.</exception>
    public static long Positive(TimeSpan duration, string wrong, string example) =>
        duration > TimeSpan.Zero && duration.Ticks % TimeSpan.TicksPerMicrosecond == 0
            ? UtcMicroseconds.From(duration)
            : throw new DefinitionException(
                $"{string.Format(CultureInfo.InvariantCulture, wrong, duration)} Give a positive whole number of microseconds, such as {example}.");

    /// <summary>A duration of either sign in microseconds.</summary>
    /// <inheritdoc cref="Positive" path="/param"/>
    /// <exception cref="DefinitionException">The duration is not a whole number of microseconds.</exception>
    public static long Whole(TimeSpan duration, string wrong) => duration.Ticks % TimeSpan.TicksPerMicrosecond == 0
        ? UtcMicroseconds.From(duration)
        : throw new DefinitionException(
            $"{string.Format(CultureInfo.InvariantCulture, wrong, duration)} Give a whole number of microseconds.");
}
