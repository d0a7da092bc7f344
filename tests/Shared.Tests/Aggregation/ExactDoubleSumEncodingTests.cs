using Lambda.Aggregation.Numerics;
using Xunit;

namespace Lambda.Tests.Aggregation;

public sealed class ExactDoubleSumEncodingTests
{
    private const string TwiceTheLargestAndOneTenBillionth =
        "01007B00B0DB7B9DFDCDB7010000000000000000000000000000000000000000000000000000000000000000000000000000"
        + "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        + "000000000000000000000000000000000000000000000000000000000000000000000000C0FFFFFFFFFFFF07";

    /// <summary>Encodings written by version 1. They must stay readable, and be written so while version 1 is written.</summary>
    [Theory]
    [InlineData("0100", new double[0])]
    [InlineData("0101", new[] { double.PositiveInfinity })]
    [InlineData("0102", new[] { double.NegativeInfinity })]
    [InlineData("0103", new[] { double.NaN })]
    [InlineData("0100860004", new[] { 1.0 })]
    [InlineData("01008600FC", new[] { -1.0 })]
    [InlineData("0100860002", new[] { 0.5 })]
    [InlineData("0100000001", new[] { double.Epsilon })]
    [InlineData("01000000FF", new[] { -double.Epsilon })]
    [InlineData("01007F0068666666666666", new[] { 0.1 })]
    [InlineData("0100FF00E0FFFFFFFFFFFF03", new[] { double.MaxValue })]
    [InlineData("01008500FC0000000004", new[] { 4294967296.0, -0.00390625, 0.25 })]
    [InlineData(TwiceTheLargestAndOneTenBillionth, new[] { double.MaxValue, double.MaxValue, 1e-10 })]
    public void Golden_encodings_are_read_and_written(string hex, double[] values)
    {
        ExactDoubleSum sum = default;
        foreach (double value in values)
        {
            sum.Add(value);
        }

        Assert.Equal(hex, Convert.ToHexString(sum.Encode()));
        double decoded = ExactDoubleSum.Decode(Convert.FromHexString(hex)).ToDouble();
        Assert.Equal(BitConverter.DoubleToInt64Bits(sum.ToDouble()), BitConverter.DoubleToInt64Bits(decoded));
    }

    [Theory]
    [InlineData("", "2 are the fewest")]
    [InlineData("01", "2 are the fewest")]
    [InlineData("0000", "version 0")]
    [InlineData("0200860004", "version 2")]
    [InlineData("0104", "kind 4")]
    [InlineData("01FF", "kind 255")]
    [InlineData("010000", "3 bytes")]
    [InlineData("01008600", "4 bytes")]
    [InlineData("0101860004", "kind 1 does not have 5 bytes")]
    [InlineData("010086000004", "shortest")]
    [InlineData("010086000400", "shortest")]
    [InlineData("01008600FCFF", "shortest")]
    [InlineData("0100860000", "shortest")]
    [InlineData("0100100101", "beyond every sum")]
    [InlineData("0100FFFF01", "beyond every sum")]
    [InlineData("01000F010101", "beyond every sum")]
    public void Malformed_encodings_are_refused_with_the_reason(string hex, string reason)
    {
        var error = Assert.Throws<FormatException>(() => ExactDoubleSum.Decode(Convert.FromHexString(hex)));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_bytes_are_refused_or_are_canonical_and_can_be_added_to()
    {
        int accepted = 0;
        for (int round = 0; round < 20_000; round++)
        {
            int seed = Random.Shared.Next();
            var random = new Random(seed);
            byte[] bytes = new byte[random.Next(ExactDoubleSum.MaxEncodedLength + 20)];
            random.NextBytes(bytes);
            if (bytes.Length > 3)
            {
                (bytes[0], bytes[1], bytes[3]) = (1, 0, (byte)random.Next(2));
            }

            ExactDoubleSum sum;
            try
            {
                sum = ExactDoubleSum.Decode(bytes);
            }
            catch (FormatException)
            {
                continue;
            }

            accepted++;
            Assert.True(sum.Encode().AsSpan().SequenceEqual(bytes), $"seed {seed}");
            for (int i = 0; i < 3000; i++)
            {
                sum.Add(i % 2 == 0 ? double.MaxValue : -double.MaxValue);
            }

            Assert.True(sum.Encode().AsSpan().SequenceEqual(bytes), $"seed {seed}");
        }

        Assert.True(accepted > 100, $"only {accepted} accepted");
    }

    [Fact]
    public void A_destination_that_is_too_short_is_refused()
    {
        ExactDoubleSum sum = default;
        sum.Add(0.1);
        Assert.Throws<ArgumentException>(() => sum.Encode(new byte[sum.EncodedLength - 1]));
        Assert.Equal(sum.EncodedLength, sum.Encode(new byte[sum.EncodedLength]));
    }
}
