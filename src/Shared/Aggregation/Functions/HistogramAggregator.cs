using System.Globalization;
using Lambda.Aggregation.Encoding;
using Lambda.Events;

namespace Lambda.Aggregation.Functions;

/// <summary>How many values lie between given bounds.</summary>
/// <param name="bounds">Where one interval ends and the next begins: finite, rising, at least one.</param>
internal readonly struct HistogramAggregator(double[] bounds) : IAggregator<double, long[]?, Histogram>
{
    private const byte Version = 1;

    private static readonly IReadOnlyList<StateColumn> Columns = [new StateColumn("", ColumnType.Bytes)];

    public string Signature => string.Create(
        CultureInfo.InvariantCulture, $"histogram({string.Join(' ', bounds.Select(bound => bound.ToString("R", CultureInfo.InvariantCulture)))})");

    public IReadOnlyList<StateColumn> StateColumns => Columns;

    /// <summary>One interval more than bounds, and the NaNs.</summary>
    private int CountOfCounts => bounds.Length + 2;

    public long[]? CreateAccumulator() => null;

    public void Add(ref long[]? accumulator, double value)
    {
        accumulator ??= new long[CountOfCounts];
        accumulator[double.IsNaN(value) ? ^1 : IntervalOf(value)]++;
    }

    public void Merge(ref long[]? accumulator, in long[]? other)
    {
        if (other is null)
        {
            return;
        }

        accumulator ??= new long[CountOfCounts];
        for (int i = 0; i < accumulator.Length; i++)
        {
            accumulator[i] += other[i];
        }
    }

    public Histogram GetResult(in long[]? accumulator)
    {
        HistogramBucket[] buckets = new HistogramBucket[bounds.Length + 1];
        for (int i = 0; i < buckets.Length; i++)
        {
            buckets[i] = new HistogramBucket(
                i == 0 ? null : bounds[i - 1], i == bounds.Length ? null : bounds[i], accumulator?[i] ?? 0);
        }

        return new Histogram(new ValueList<HistogramBucket>(buckets), accumulator?[^1] ?? 0);
    }

    public void Write(in long[]? accumulator, StateWriter writer)
    {
        ByteWriter bytes = new(Version);
        for (int i = 0; i < CountOfCounts; i++)
        {
            bytes.WriteUnsigned((ulong)(accumulator?[i] ?? 0));
        }

        writer.WriteBytes(bytes.ToArray());
    }

    public long[]? Read(StateReader reader)
    {
        ByteReader bytes = new(reader.ReadBytes(), Version, "encoded counts of a histogram");
        long[] counts = new long[CountOfCounts];
        for (int i = 0; i < counts.Length; i++)
        {
            counts[i] = (long)bytes.ReadUnsigned();
        }

        bytes.End();
        return counts;
    }

    /// <summary>How many bounds are not above the value.</summary>
    private int IntervalOf(double value)
    {
        int low = 0;
        int high = bounds.Length;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (bounds[middle] <= value)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
