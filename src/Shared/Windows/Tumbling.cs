using Lambda.Time;

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
        if (size <= TimeSpan.Zero || size.Ticks % TimeSpan.TicksPerMicrosecond != 0)
        {
            throw new DefinitionException($"A tumbling window cannot be {size} long. Give a positive whole number of microseconds, "
                + "such as Tumbling.Every(TimeSpan.FromHours(1)).");
        }

        if (offset.Ticks % TimeSpan.TicksPerMicrosecond != 0)
        {
            throw new DefinitionException($"A tumbling window cannot be offset by {offset}. Give a whole number of microseconds.");
        }

        return new TumblingSpec(UtcMicroseconds.From(size), UtcMicroseconds.From(offset));
    }

    private sealed class TumblingSpec(long size, long offset) : WindowSpec
    {
        internal override string Signature => $"tumbling(size={size}us,offset={offset % size}us)";

        internal override ISlicing Slicing { get; } = new TumblingSlicing(size, offset);
    }
}
