using System.Globalization;
using Lambda.Aggregation.Encoding;
using Lambda.Aggregation.Numerics;
using Lambda.Aggregation.Sharing;
using Lambda.Events;
using BucketCounts = Lambda.Aggregation.Collections.CountTable<int, Lambda.Aggregation.Values.IntegerCodec<int>>;

namespace Lambda.Aggregation.Functions;

/// <summary>
/// A quantile by DDSketch: values are counted by intervals, see <see cref="RelativeBuckets"/>, so that order cannot matter. NaN has no rank and is
/// skipped; the infinities are counted apart and given back as they are.
/// </summary>
/// <param name="quantile">From 0, the minimum, to 1, the maximum.</param>
internal readonly struct QuantileAggregator(double quantile) : IAggregator<double, BucketCounts, double?>, IAnswersOthers
{
    private const byte Version = 1;

    private static readonly IReadOnlyList<StateColumn> Columns = [new StateColumn("", ColumnType.Bytes)];

    public string Signature => string.Create(CultureInfo.InvariantCulture, $"quantile({quantile:R}, {RelativeBuckets.RelativeError})");

    public IReadOnlyList<StateColumn> StateColumns => Columns;

    public BucketCounts CreateAccumulator() => default;

    public void Add(ref BucketCounts accumulator, double value)
    {
        if (!double.IsNaN(value))
        {
            accumulator.Add(RelativeBuckets.Of(value), 1);
        }
    }

    public void Merge(ref BucketCounts accumulator, in BucketCounts other) => accumulator.Merge(in other);

    public double? GetResult(in BucketCounts accumulator)
    {
        ReadOnlySpan<long> counts = accumulator.Counts;
        long total = 0;
        foreach (long count in counts)
        {
            total += count;
        }

        if (total == 0)
        {
            return null;
        }

        // The value of rank ⌊q (n − 1)⌋, counted from 0.
        long rank = (long)(quantile * (total - 1));
        foreach (int place in accumulator.InOrder())
        {
            rank -= counts[place];
            if (rank < 0)
            {
                return RelativeBuckets.Middle(accumulator.Values[place]);
            }
        }

        return null;
    }

    public void Write(in BucketCounts accumulator, StateWriter writer)
    {
        ByteWriter bytes = new(Version);
        accumulator.Write(bytes);
        writer.WriteBytes(bytes.ToArray());
    }

    public BucketCounts Read(StateReader reader)
    {
        ByteReader bytes = new(reader.ReadBytes(), Version, "an encoded quantile sketch");
        var counts = BucketCounts.Read(ref bytes);
        bytes.End();
        return counts;
    }

    public HeldAnswer? AnswerTo(object aggregator) =>
        aggregator is QuantileAggregator other ? HeldAnswer.Of<BucketCounts, double?>(other.GetResult, 0) : null;
}
