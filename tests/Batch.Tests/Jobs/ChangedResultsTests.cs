using Lambda.Batch.Jobs.Dashboard;

namespace Lambda.Batch.Tests.Jobs;

public sealed class ChangedResultsTests
{
    [Theory]
    [InlineData("""{"n":1,"sum":5}""", """{"n":2,"sum":5}""", "n 1 → 2")]
    [InlineData("""{"n":1,"top":[1,2]}""", """{"n":1,"top":[2,1]}""", "top [1,2] → [2,1]")]
    [InlineData(null, """{"n":1,"mean":0.5}""", "n nothing → 1, mean nothing → 0.5")]
    [InlineData("""{"n":1}""", null, "n 1 → nothing")]
    [InlineData("""{"n":1,"mean":null}""", """{"n":1,"mean":2.5}""", "mean null → 2.5")]
    public void Only_what_differs_is_described(string? before, string? after, string description) =>
        Assert.Equal(description, ChangedResults.Describe(before, after));

    [Theory]
    [InlineData("""{"shop":"\u003Cb\u003E","year":2024}""", "shop = <b>, year = 2024")]
    [InlineData("""{"shop":null}""", "shop = null")]
    [InlineData("{}", "")]
    public void A_key_is_described_by_its_parts(string key, string description) => Assert.Equal(description, ChangedResults.DescribeKey(key));
}
