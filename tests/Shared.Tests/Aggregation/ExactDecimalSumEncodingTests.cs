using System.Globalization;
using Lambda.Aggregation.Numerics;
using Xunit;

namespace Lambda.Tests.Aggregation;

public sealed class ExactDecimalSumEncodingTests
{
    private const string HighestNumber = "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF3F";
    private const string LowestNumber = "00000000000000000000000000000000000000000000000000000000000000C0";
    private const string TooHighNumber = "0000000000000000000000000000000000000000000000000000000000000040";
    private const string TooLowNumber = "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFBF";

    /// <summary>Encodings written by version 1. They must stay readable, and be written so while version 1 is written.</summary>
    [Theory]
    [InlineData("01", "0")]
    [InlineData("0101", "0.0000000000000000000000000001")]
    [InlineData("01FF", "-0.0000000000000000000000000001")]
    [InlineData("017F", "0.0000000000000000000000000127")]
    [InlineData("018000", "0.0000000000000000000000000128")]
    [InlineData("0180", "-0.0000000000000000000000000128")]
    [InlineData("01000000F89D82F5DD9AFC8A23", "1.1")]
    [InlineData("010000004C1F061F5E711D05A04F9FFD", "-1234567.89")]
    [InlineData("01000000F09EFDDAC1A131B0DFFFFFFF0F6102253E5ECE4F20", "79228162514264337593543950335")]
    [InlineData("01000000106102253E5ECE4F20000000F09EFDDAC1A131B0DF", "-79228162514264337593543950335")]
    public void Golden_encodings_are_read_and_written(string hex, string value)
    {
        decimal parsed = decimal.Parse(value, CultureInfo.InvariantCulture);
        ExactDecimalSum sum = default;
        sum.Add(parsed);

        Assert.Equal(hex, Convert.ToHexString(sum.Encode()));
        Assert.Equal(parsed, ExactDecimalSum.Decode(Convert.FromHexString(hex)).ToDecimal());
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("00", "version 0")]
    [InlineData("0201", "version 2")]
    [InlineData("0100", "shortest")]
    [InlineData("010100", "shortest")]
    [InlineData("01FFFF", "shortest")]
    [InlineData("0180FF", "shortest")]
    [InlineData("01" + HighestNumber + "01", "longer")]
    [InlineData("01" + TooHighNumber, "beyond every sum")]
    [InlineData("01" + TooLowNumber, "beyond every sum")]
    public void Malformed_encodings_are_refused_with_the_reason(string hex, string reason)
    {
        var error = Assert.Throws<FormatException>(() => ExactDecimalSum.Decode(Convert.FromHexString(hex)));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("01" + HighestNumber)]
    [InlineData("01" + LowestNumber)]
    public void The_outermost_numbers_are_read_and_can_be_added_to(string hex)
    {
        var sum = ExactDecimalSum.Decode(Convert.FromHexString(hex));
        sum.Add(decimal.MaxValue);
        sum.Add(decimal.MinValue);
        Assert.Equal(hex, Convert.ToHexString(sum.Encode()));
    }

    [Fact]
    public void Random_bytes_are_refused_or_are_canonical()
    {
        int accepted = 0;
        for (int round = 0; round < 20_000; round++)
        {
            int seed = Random.Shared.Next();
            var random = new Random(seed);
            byte[] bytes = new byte[random.Next(ExactDecimalSum.MaxEncodedLength + 3)];
            random.NextBytes(bytes);
            if (bytes.Length > 0)
            {
                bytes[0] = 1;
            }

            ExactDecimalSum sum;
            try
            {
                sum = ExactDecimalSum.Decode(bytes);
            }
            catch (FormatException)
            {
                continue;
            }

            accepted++;
            Assert.True(sum.Encode().AsSpan().SequenceEqual(bytes), $"seed {seed}");
        }

        Assert.True(accepted > 100, $"only {accepted} accepted");
    }

    [Fact]
    public void A_destination_that_is_too_short_is_refused()
    {
        ExactDecimalSum sum = default;
        sum.Add(0.1m);
        Assert.Throws<ArgumentException>(() => sum.Encode(new byte[sum.EncodedLength - 1]));
        Assert.Equal(sum.EncodedLength, sum.Encode(new byte[sum.EncodedLength]));
    }
}
