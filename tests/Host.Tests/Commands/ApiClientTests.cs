using System.Net;
using System.Text;
using Lambda.Hosting.Client;
using Lambda.Hosting.Commands;
using Xunit;

namespace Lambda.Host.Tests.Commands;

/// <summary>What commands say when a server refuses what they ask.</summary>
public sealed class ApiClientTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A process that runs the batch layer alone answered "Not Found" to 'batch run', and that was all that was said.</summary>
    [Fact]
    public async Task A_server_without_the_api_is_told_from_one_that_does_not_find_something()
    {
        CommandException without = await RefusalAsync("""{"title":"Not Found","status":404}""");
        CommandException with = await RefusalAsync("""{"title":"There is no such view.","status":404,"detail":"View 'x' does not exist."}""");

        Assert.Contains("http://batch:8080 has no /api/batch/runs: it does not run the serving layer", without.Message, StringComparison.Ordinal);
        Assert.Equal("View 'x' does not exist.", with.Message);
    }

    private static async Task<CommandException> RefusalAsync(string problem)
    {
        using HttpClient http = new(new Refusing(problem)) { BaseAddress = new Uri("http://batch:8080") };
        using ApiClient client = new(http);
        return await Assert.ThrowsAsync<CommandException>(() => client.GetAsync("api/batch/runs?limit=1", Cancellation));
    }

    private sealed class Refusing(string problem) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.NotFound)
            {
                RequestMessage = request,
                Content = new StringContent(problem, Encoding.UTF8, "application/problem+json"),
            });
    }
}
