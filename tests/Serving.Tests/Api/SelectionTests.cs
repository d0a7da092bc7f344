using System.Text.Json;
using Lambda.Serving.Tests.Running;

namespace Lambda.Serving.Tests.Api;

public class SelectionTests(ScenarioFixture scenario) : IClassFixture<ScenarioFixture>
{
    [Theory]
    [InlineData("from=2001-01-01T01:00:00Z&to=2001-01-01T02:00:00Z", "ATL01")]
    [InlineData("from=2001-01-01T00:59:59.999999Z&to=2001-01-01T01:00:00Z", "ATL00 LAX00")]
    [InlineData("from=2001-01-01T01:30&to=2001-01-01T02:00:00.000001Z", "ATL01 ATL02 LAX02")]
    [InlineData("from=2001-01-01T03:30:00%2B01:00", "ATL02 LAX02")]
    [InlineData("to=2001-01-01", "")]
    [InlineData("key=LAX", "LAX00 LAX02")]
    [InlineData("ORIGIN=LAX", "LAX00 LAX02")]
    [InlineData("key.origin=LAX", "LAX00 LAX02")]
    [InlineData("origin=lax", "")]
    [InlineData("isNull=origin", "")]
    [InlineData("order=-totalDelay", "ATL00 ATL02 LAX02 ATL01 LAX00")]
    [InlineData("order=origin desc,-windowStart", "LAX02 LAX00 ATL02 ATL01 ATL00")]
    [InlineData("order=-windowStart&limit=1", "ATL02")]
    public async Task Windows_are_chosen_ordered_and_limited(string query, string expected)
    {
        JsonElement answer = await scenario.App.GetAsync($"/api/views/delays?{query}");

        Assert.Equal(expected, string.Join(' ', QueryTests.Rows(answer).Select(row => row[..3] + row[4..6])));
        Assert.Equal(query.Contains("limit", StringComparison.Ordinal), answer.GetProperty("truncated").GetBoolean());
    }
}
