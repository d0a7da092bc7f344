using Lambda.Aggregation.Numerics;
using Xunit;
using static Lambda.Tests.Aggregation.DoubleSums;

namespace Lambda.Tests.Aggregation;

public sealed class ExactDoubleSumCarryTests
{
    /// <summary>53 mantissa bits at a position that is 31 modulo 32: the most that one value can put into both of its chunks.</summary>
    private const double LargestStep = 9007199254740991.0 * 35184372088832.0;

    [Theory]
    [InlineData(0.1)]
    [InlineData(-0.1)]
    [InlineData(double.MaxValue)]
    [InlineData(double.MinValue)]
    [InlineData(double.Epsilon)]
    [InlineData(-2.2250738585072011E-308)]
    [InlineData(LargestStep)]
    [InlineData(-LargestStep)]
    public void Ten_million_equal_values_sum_exactly(double value)
    {
        const int count = 10_000_000;
        ExactDoubleSum sum = default;
        for (int i = 0; i < count; i++)
        {
            sum.Add(value);
        }

        AssertBits(DoubleOracle.Nearest(DoubleOracle.Units(value) * count, 1), sum.ToDouble(), "sum");
        AssertBits(value, sum.DivideToDouble(count), "average");
    }

    [Fact]
    public void Ten_million_values_of_alternating_sign_leave_only_the_last_step()
    {
        ExactDoubleSum sum = default;
        for (int i = 0; i < 5_000_000; i++)
        {
            sum.Add(1e300);
            sum.Add(-1e300);
        }

        sum.Add(double.Epsilon);
        Assert.Equal(Sum(double.Epsilon).Encode(), sum.Encode());
    }

    [Theory]
    [InlineData(LargestStep)]
    [InlineData(-LargestStep)]
    public void The_highest_chunk_of_a_range_carries_into_a_new_one(double value)
    {
        // A lower value comes first, so that the large one's high part falls into the highest chunk held.
        double lower = Math.ScaleB(value, -32);
        ExactDoubleSum sum = Sum(lower);
        const int count = 10_000;
        for (int i = 0; i < count; i++)
        {
            sum.Add(value);
        }

        AssertBits(DoubleOracle.Nearest(DoubleOracle.Units(lower) + (DoubleOracle.Units(value) * count), 1), sum.ToDouble(), "sum");
    }

    [Theory]
    [InlineData(double.MaxValue)]
    [InlineData(-1.7)]
    public void Merging_a_sum_into_a_copy_of_itself_sixty_times_doubles_it_sixty_times(double value)
    {
        ExactDoubleSum sum = Sum(value);
        for (int i = 0; i < 60; i++)
        {
            ExactDoubleSum copy = ExactDoubleSum.Decode(sum.Encode());
            sum.Merge(copy);
        }

        long count = 1L << 60;
        AssertBits(DoubleOracle.Nearest(DoubleOracle.Units(value) * count, 1), sum.ToDouble(), "sum");
        AssertBits(value, sum.DivideToDouble(count), "average");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1022)]
    [InlineData(1023)]
    [InlineData(3000)]
    public void Full_chunks_merge_without_overflowing(int addsPerPart)
    {
        ExactDoubleSum total = default;
        int count = 0;
        for (int part = 0; part < 50; part++)
        {
            ExactDoubleSum sum = default;
            for (int i = 0; i < addsPerPart; i++, count++)
            {
                sum.Add(LargestStep);
            }

            total.Merge(sum);
            AssertBits(DoubleOracle.Nearest(DoubleOracle.Units(LargestStep) * count, 1), total.ToDouble(), $"part {part}");
        }
    }

    [Fact]
    public void A_long_chain_of_merges_into_new_sums_does_not_overflow_a_chunk()
    {
        ExactDoubleSum chain = default;
        for (int i = 0; i < 10_000; i++)
        {
            ExactDoubleSum next = Sum(LargestStep);
            next.Merge(chain);
            chain = next;
        }

        AssertBits(DoubleOracle.Nearest(DoubleOracle.Units(LargestStep) * 10_000, 1), chain.ToDouble(), "chain");
    }

    [Fact]
    public void A_merge_shares_nothing_with_the_other_sum()
    {
        ExactDoubleSum other = Sum(1.5);
        ExactDoubleSum empty = default;
        empty.Merge(other);
        empty.Add(1);
        ExactDoubleSum filled = Sum(1e200);
        filled.Merge(other);
        filled.Add(1);
        other.Add(100);

        Assert.Equal(2.5, empty.ToDouble());
        Assert.Equal(Sum(1e200, 2.5).Encode(), filled.Encode());
        Assert.Equal(101.5, other.ToDouble());
    }

    [Fact]
    public void Adding_to_a_sum_of_a_steady_range_allocates_nothing()
    {
        ExactDoubleSum sum = Sum(0.001, 1e6);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100_000; i++)
        {
            sum.Add(i * 0.25);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
