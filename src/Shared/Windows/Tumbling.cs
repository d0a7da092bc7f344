using System.Xml;

namespace Lambda.Windows;

/// <summary>Windows of one size that neither overlap nor leave gaps.</summary>
public static class Tumbling
{
    /// <summary>Windows of <paramref name="size"/> that start at multiples of it, counted from 1970-01-01T00:00:00Z.</summary>
    /// <exception cref="DefinitionException">The size is not a positive whole number of microseconds.</exception>
    public static WindowSpec Every(TimeSpan size) => Every(size, TimeSpan.Zero);

    /// <summary>Windows of <paramref name="size"/> that start at multiples of it, counted from 1970-01-01T00:00:00Z plus <paramref name="offset"/>.</summary>
    /// <exception cref="DefinitionException">
    /// The size is not positive, or size or offset is not a whole number of microseconds.
    /// </exception>
    public static WindowSpec Every(TimeSpan size, TimeSpan offset)
    {
        long length = Durations.Positive(size, "A tumbling window cannot be {0} long.", "Tumbling.Every(TimeSpan.FromHours(1))");
        long shift = Durations.Whole(offset, "A tumbling window cannot be offset by {0}.");
        return new SlicedWindows(
            "tumbling", XmlConvert.ToString(size), $"tumbling(size={length}us,offset={shift % length}us)", new SlidingSlicing(length, length, shift));
    }
}
