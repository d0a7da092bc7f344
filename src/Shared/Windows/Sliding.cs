using System.Xml;

namespace Lambda.Windows;

/// <summary>Windows of one size that begin at regular distances, and so overlap, or leave gaps when the distance is longer than the size.</summary>
public static class Sliding
{
    /// <summary>Windows of <paramref name="size"/>, one starting at every multiple of <paramref name="slide"/> counted from 1970-01-01T00:00:00Z.</summary>
    /// <remarks>
    /// Size and slide are positive whole numbers of microseconds, and fewer than a million slides begin before a window ends; a view refuses anything else.
    /// </remarks>
    public static WindowSpec Every(TimeSpan slide, TimeSpan size) => Every(slide, size, TimeSpan.Zero);

    /// <summary>
    /// Windows of <paramref name="size"/>, one starting at every multiple of <paramref name="slide"/> counted from 1970-01-01T00:00:00Z plus
    /// <paramref name="offset"/>. The size need not be a multiple of the slide; with a slide longer than the size, events between windows count in none.
    /// </summary>
    /// <inheritdoc cref="Every(TimeSpan, TimeSpan)" path="/remarks"/>
    public static WindowSpec Every(TimeSpan slide, TimeSpan size, TimeSpan offset) => RefusedWindow.Unless(() =>
    {
        const string Example = "Sliding.Every(slide: TimeSpan.FromMinutes(15), size: TimeSpan.FromHours(1))";
        long distance = Durations.Positive(slide, "A sliding window cannot slide by {0}.", Example);
        long length = Durations.Positive(size, "A sliding window cannot be {0} long.", Example);
        long shift = Durations.Whole(offset, "A sliding window cannot be offset by {0}.");
        const int MostWindows = 1_000_000;
        return length / distance < MostWindows
            ? new SlicedWindows(
                "sliding",
                XmlConvert.ToString(size),
                $"sliding(size={length}us,slide={distance}us,offset={shift % distance}us)",
                new SlidingSlicing(length, distance, shift))
            : throw new DefinitionException(
                $"Windows of {size} every {slide} would put each event into {length / distance} windows. Give a longer slide, such as {size / 100}.");
    });
}
