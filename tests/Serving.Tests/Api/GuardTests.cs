using System.Net;
using System.Text;
using Lambda.Serving.Tests.Running;

namespace Lambda.Serving.Tests.Api;

/// <summary>What a page of another site can do by way of a browser on this machine: nothing.</summary>
public class GuardTests(ScenarioFixture scenario) : IClassFixture<ScenarioFixture>
{
    [Theory]
    [InlineData("evil.example", null, null, 421)]
    [InlineData("127.0.0.1.evil.example", null, null, 421)]
    [InlineData("localhost", null, null, 202)]
    [InlineData("[::1]", null, null, 202)]
    [InlineData(null, "http://evil.example", null, 403)]
    [InlineData(null, "null", null, 403)]
    [InlineData(null, "http://127.0.0.1:1", null, 403)]
    [InlineData(null, null, "cross-site", 403)]
    [InlineData(null, null, "same-site", 403)]
    [InlineData(null, "own", "same-origin", 202)]
    [InlineData(null, "own", null, 202)]
    [InlineData(null, null, "none", 202)]
    [InlineData(null, null, null, 202)]
    public async Task Changes_are_taken_from_this_machine_only(string? host, string? origin, string? site, int expected)
    {
        ServingApp app = scenario.App;
        using HttpRequestMessage request = new(HttpMethod.Post, "/api/batch/runs");
        request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        request.Headers.Host = host;
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin == "own" ? app.Address.GetLeftPart(UriPartial.Authority) : origin);
        }

        if (site is not null)
        {
            request.Headers.Add("Sec-Fetch-Site", site);
        }

        using HttpResponseMessage response = await app.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode)expected, response.StatusCode);
    }

    [Fact]
    public async Task Any_host_can_be_allowed()
    {
        await using ServingApp app = await ServingApp.StartAsync(options => options.AllowedHosts.Add("*"));
        using HttpRequestMessage request = new(HttpMethod.Get, "/api/views");
        request.Headers.Host = "10.1.2.3:8080";

        using HttpResponseMessage response = await app.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Reading_needs_a_known_host_too_and_more_can_be_allowed()
    {
        await using ServingApp app = await ServingApp.StartAsync(options => options.AllowedHosts.Add("lambda.internal"));

        Assert.Equal(HttpStatusCode.MisdirectedRequest, await StatusAsync("evil.example"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("LAMBDA.internal:8080"));

        async Task<HttpStatusCode> StatusAsync(string host)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, "/api/views");
            request.Headers.Host = host;
            using HttpResponseMessage response = await app.Client.SendAsync(request, TestContext.Current.CancellationToken);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task The_console_is_served_from_the_assembly_with_a_strict_policy()
    {
        ServingApp app = scenario.App;

        using HttpResponseMessage page = await app.Client.GetAsync("/", TestContext.Current.CancellationToken);
        using HttpRequestMessage again = new(HttpMethod.Get, "/");
        again.Headers.IfNoneMatch.Add(page.Headers.ETag!);
        using HttpResponseMessage unchanged = await app.Client.SendAsync(again, TestContext.Current.CancellationToken);

        string policy = page.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
    }

    [Theory]
    [InlineData("DefaultLimit", 0)]
    [InlineData("MaxLimit", 10)]
    [InlineData("MaxRecordBytes", 0)]
    [InlineData("MaxRecords", 0)]
    [InlineData("MaxWindowParts", 0)]
    [InlineData("MaxBodyBytes", 5)]
    [InlineData("LiveInterval", 86401)]
    public async Task Limits_that_make_no_sense_stop_the_start(string option, int value)
    {
        var failure = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => ServingApp.StartAsync(options =>
            typeof(ServingOptions).GetProperty(option)!.SetValue(
                options, option == "LiveInterval" ? TimeSpan.FromSeconds(value) : Convert.ChangeType(value, typeof(ServingOptions).GetProperty(option)!.PropertyType, null))));

        Assert.Contains(option, failure.Message, StringComparison.Ordinal);
    }
}
