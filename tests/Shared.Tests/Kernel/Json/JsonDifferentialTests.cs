using System.Text;
using Xunit;

namespace Lambda.Tests.Kernel.Json;

public sealed class JsonDifferentialTests
{
    private const int Inputs = 200_000;

    private const string Good = "\"id\":\"a\",\"time\":\"2024-01-01\",\"whole\":1,\"large\":1,\"kilo\":1,\"money\":1,\"flag\":true";

    [Fact]
    public void Hostile_records_are_taken_and_refused_as_SystemTextJson_does()
    {
        int seed = Random.Shared.Next();
        HostileJson hostile = new(seed);
        SampleDecoding decoding = new();
        for (int i = 0; i < Inputs; i++)
        {
            byte[] json = hostile.Next();
            if (decoding.Difference(json) is { } difference)
            {
                Assert.Fail($"seed {seed}, input {i}: {difference}\n{Encoding.UTF8.GetString(json)}");
            }
        }

        Assert.Null(decoding.Flush());
        Assert.True(decoding.Accepted > Inputs / 10 && decoding.Refused > Inputs / 10, $"seed {seed}: {decoding.Accepted} were taken");
    }

    [Theory]
    [InlineData(61)]
    [InlineData(62)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(100_000)]
    public void Depth_is_limited_as_SystemTextJson_limits_it(int nested)
    {
        string arrays = new string('[', nested) + new string(']', nested);
        string objects = string.Concat(Enumerable.Repeat("{\"a\":", nested)) + "1" + new string('}', nested);

        MustAgree($"{{{Good},\"x\":{arrays}}}");
        MustAgree($"{{{Good},\"x\":{objects}}}");
        MustAgree($"{{\"text\":{arrays},{Good}}}");
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("\"x\"")]
    [InlineData("{" + Good + "} ")]
    [InlineData("{" + Good + "}\0")]
    [InlineData("{" + Good + "}{}")]
    [InlineData("{" + Good + ",}")]
    [InlineData("{" + Good + "}// end")]
    [InlineData("\uFEFF{" + Good + "}")]
    [InlineData("{\"text\":\"kept\",\"text\":null," + Good + "}")]
    [InlineData("{\"text\":null,\"text\":\"kept\"," + Good + "}")]
    [InlineData("{\"whole\":null," + Good + "}")]
    [InlineData("{\"id\":null," + Good + "}")]
    [InlineData("{\"time\":null," + Good + "}")]
    [InlineData("{\"whole\":\"x\"," + Good + "}")]
    [InlineData("{" + Good + ",\"GRÖßE\":\"ü\"}")]
    [InlineData("{" + Good + ",\"gRöSSE\":\"ü\"}")]
    [InlineData("{" + Good + ",\"\u212Ailo\":5}")]
    [InlineData("{" + Good + ",\"maybe\u212Ailo\":5}")]
    [InlineData("{" + Good + ",\"\u017Feen\":\"2020-01-01\"}")]
    [InlineData("{" + Good + ",\"\\u0054EXT\":\"e\\u0301\"}")]
    [InlineData("{" + Good + ",\"seen\":\"2020-01-01T00:00:00.0000019Z\"}")]
    [InlineData("{" + Good + ",\"seen\":\"1960-01-01T00:00:00.0000019Z\"}")]
    public void Corner_cases_agree(string json) => MustAgree(json);

    [Fact]
    public void A_string_of_megabytes_is_taken() =>
        MustAgree($"{{{Good},\"text\":\"{new string('x', 3_000_000)}\\n\",\"y\":\"{new string('é', 1_000_000)}\"}}");

    private static void MustAgree(string json)
    {
        SampleDecoding decoding = new();
        for (int twice = 0; twice < 2; twice++)
        {
            string? difference = decoding.Difference(Encoding.UTF8.GetBytes(json)) ?? decoding.Flush();
            Assert.True(difference is null, difference);
        }
    }
}
