using System.Globalization;
using System.Security.Cryptography;
using Lambda.Aggregation;
using Lambda.Aggregation.Functions;
using Lambda.Aggregation.Numerics;
using Lambda.Aggregation.Values;
using Lambda.Events;
using Lambda.Testing;
using Xunit;

namespace Lambda.Tests.Kernel.Laws;

/// <summary>
/// States as earlier builds have stored them. A change here means that stores and generations out there can no longer be read: make a new version of the
/// encoding instead, and keep these.
/// </summary>
public sealed class StoredStateTests
{
    /// <summary>The sum of 0.1, 0.2 and the smallest double: from the lowest bit to the highest.</summary>
    private static readonly string Long = $"0100000001{new string('0', 252)}3833333333333301";

    [Fact]
    public void Counts_stay_readable()
    {
        Stays(new CountAggregator(), [default, default(Row)], "2 => 2", 2L);
        Stays(new CountValuesAggregator<int>(), [5, 6, 7], "3 => 3", 3L);
    }

    [Fact]
    public void Integers_stay_readable()
    {
        long[] values = [long.MaxValue, long.MaxValue, -3];
        Stays(new SumInt64Aggregator(), values, "18446744073709551611 => 18446744073709551611", "18446744073709551611");
        Stays(
            new AverageInt64Aggregator(), values, "18446744073709551611 3 => 6.148914691236517E+18#43d5555555555555", "18446744073709551611", 3L);
        Stays(new MinAggregator<int, IntegerCodec<int>>(), [4, -5], "-5 => -5", -5);
        Stays(new MaxAggregator<long, IntegerCodec<long>>(), [4, -5], "4 => 4", 4L);
        Stays(new MaxAggregator<long, IntegerCodec<long>>(), [], "null => null", [null]);
    }

    [Fact]
    public void Doubles_stay_readable()
    {
        Stays(new SumDoubleAggregator(), [], "0100 => 0#0", "0100");
        Stays(new SumDoubleAggregator(), [1.5, 1e300, -2.25, -1e300], "01008600fd => -0.75#bfe8000000000000", "01008600fd");
        Stays(new SumDoubleAggregator(), [double.PositiveInfinity, 1], "0101 => Infinity#7ff0000000000000", "0101");
        Stays(new AverageDoubleAggregator(), [0.1, 0.2, double.Epsilon], $"{Long} 3 => 0.1#3fb999999999999a", Long, 3L);
        Stays(new MinAggregator<double, DoubleCodec>(), [-0.0], "0#0 => 0#0", 0.0);
        Stays(new MaxAggregator<double, DoubleCodec>(), [1, double.NaN], "NaN#fff8000000000000 => NaN#fff8000000000000", double.NaN);
    }

    [Fact]
    public void Decimals_stay_readable()
    {
        Stays(new SumDecimalAggregator(), [], "01 => 0m#0.0.0.0", "01");
        Stays(new SumDecimalAggregator(), [1.10m, -2.20m], "0100000008627d0a22650375dc => -1.1m#11.0.0.-2147418112", "0100000008627d0a22650375dc");
        Stays(new SumDecimalAggregator(), [decimal.MaxValue, 1m], "01000000000000000000000000000000106102253e5ece4f20 => null", "01000000000000000000000000000000106102253e5ece4f20");
        Stays(new AverageDecimalAggregator(), [1m, 0m, 0m], "01000000106102253e5ece4f20 3 => 0.3333333333333333333333333333m#89478485.347537611.180700362.1835008", "01000000106102253e5ece4f20", 3L);
        Stays(new MinAggregator<decimal, DecimalCodec>(), [1.00m], "1m#1.0.0.0 => 1m#1.0.0.0", 1m);
    }

    /// <summary>The registers of a sketch are too many for a file of examples; their hash stands for them.</summary>
    [Fact]
    public void Registers_of_distinct_sketches_stay_as_they_are()
    {
        ApproxCountDistinctAggregator<long, IntegerCodec<long>> aggregator = new();
        DistinctSketch sketch = AggregatorLaws.Of(aggregator).Of(Enumerable.Range(0, 5000).Select(i => (long)i));
        byte[] encoded = sketch.Encode();
        Assert.Equal("c892892aed269bd5fdff0b549426964d36225706f044a101f8dd5fdaeef80b33", Convert.ToHexStringLower(SHA256.HashData(encoded)));
        Assert.Equal(4978, DistinctSketch.Decode(encoded).Estimate());
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("02")]
    [InlineData("ff00")]
    public void Bytes_that_are_no_state_are_refused(string hex)
    {
        Assert.Throws<FormatException>(() => ExactDoubleSum.Decode(Convert.FromHexString(hex)));
        Assert.Throws<FormatException>(() => ExactDecimalSum.Decode(Convert.FromHexString(hex)));
    }

    private static void Stays<TInput, TAccumulator, TResult>(
        IAggregator<TInput, TAccumulator, TResult> aggregator, TInput[] values, string expected, params object?[] stored)
    {
        AggregatorLaws<TInput, TAccumulator, TResult> laws = AggregatorLaws.Of(aggregator);
        Assert.Equal(expected, laws.Text(laws.Of(values)));
        TAccumulator read = new StateAtRest<TInput, TAccumulator, TResult>(aggregator).Read(Columns(aggregator.StateColumns, stored));
        Assert.Equal(expected.Split(" => ")[1], laws.Result(read));
    }

    private static List<ColumnBuffer> Columns(IReadOnlyList<StateColumn> declared, object?[] stored)
    {
        List<ColumnBuffer> columns = [.. declared.Select(column => ColumnBuffer.Create(column.Type))];
        for (int i = 0; i < columns.Count; i++)
        {
            switch (columns[i])
            {
                case var column when stored[i] is null:
                    column.AddNull();
                    break;
                case ColumnBuffer<byte[]> bytes:
                    bytes.Add(Convert.FromHexString((string)stored[i]!));
                    break;
                case ColumnBuffer<Int128> integers:
                    integers.Add(Int128.Parse((string)stored[i]!, CultureInfo.InvariantCulture));
                    break;
                case ColumnBuffer<long> integers:
                    integers.Add((long)stored[i]!);
                    break;
                case ColumnBuffer<int> integers:
                    integers.Add((int)stored[i]!);
                    break;
                case ColumnBuffer<double> numbers:
                    numbers.Add((double)stored[i]!);
                    break;
                case ColumnBuffer<decimal> numbers:
                    numbers.Add((decimal)stored[i]!);
                    break;
            }
        }

        return columns;
    }
}
