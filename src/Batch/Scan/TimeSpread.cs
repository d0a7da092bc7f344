using System.Numerics;
using System.Runtime.InteropServices;

namespace Lambda.Batch.Scan;

/// <summary>The instants from <paramref name="Min"/> to <paramref name="Max"/>, both included, in UTC microseconds.</summary>
internal readonly record struct TimeSpread(long Min, long Max)
{
    /// <summary>All of time: what is known when nothing is.</summary>
    public static TimeSpread Unknown { get; } = new(long.MinValue, long.MaxValue);

    /// <summary>No instant: the spread of rows that have no event time.</summary>
    public static TimeSpread None { get; } = new(long.MaxValue, long.MinValue);

    /// <summary>Whether the two have an instant in common.</summary>
    public bool Overlaps(TimeSpread other) => Min <= other.Max && other.Min <= Max;

    /// <summary>The spread of some instants.</summary>
    public static TimeSpread Of(ReadOnlySpan<long> times)
    {
        ReadOnlySpan<Vector<long>> vectors = MemoryMarshal.Cast<long, Vector<long>>(times);
        Vector<long> least = new(long.MaxValue);
        Vector<long> greatest = new(long.MinValue);
        foreach (Vector<long> vector in vectors)
        {
            least = Vector.Min(least, vector);
            greatest = Vector.Max(greatest, vector);
        }

        (long min, long max) = None;
        for (int i = 0; i < Vector<long>.Count; i++)
        {
            min = Math.Min(min, least[i]);
            max = Math.Max(max, greatest[i]);
        }

        foreach (long time in times[(vectors.Length * Vector<long>.Count)..])
        {
            min = Math.Min(min, time);
            max = Math.Max(max, time);
        }

        return new TimeSpread(min, max);
    }
}
