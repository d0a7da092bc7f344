using System.Net;
using Lambda.Host.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Lambda.Host.Tests.Commands;

/// <summary>What the command makes of answers, and of none.</summary>
public sealed class HealthCommandTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_part_that_does_not_do_its_job_is_told_and_fails()
    {
        const string Answer = """
            {"status":"notReady","parts":[{"part":"speed","status":"notReady","reason":null,"items":[
              {"name":"flights/0","status":"ready","reason":null},{"name":"flights/1","status":"notReady","reason":"It stands still."}]},
              {"part":"store","status":"ready","reason":null,"items":[]}]}
            """;
        await using WebApplication server = await ServeAsync(HttpStatusCode.ServiceUnavailable, Answer);

        // As a container is asked: by the address that its process listens at.
        Ended ended = await AskAsync(server);

        Assert.Equal(1, ended.ExitCode);
        Assert.Equal("", ended.Error);
        Assert.Equal(
            [$"{server.Urls.Single()}/: notReady", "speed flights/1: notReady: It stands still."], ended.Output.TrimEnd().Split(Environment.NewLine));
    }

    [Fact]
    public async Task One_that_went_wrong_but_does_its_job_is_told_and_succeeds()
    {
        await using WebApplication server = await ServeAsync(
            HttpStatusCode.OK, """{"status":"degraded","parts":[{"part":"batch","status":"degraded","reason":"An audit blocked.","items":[]}]}""");

        Assert.Contains("batch: degraded: An audit blocked.", (await AskAsync(server)).MustSucceed().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_of_something_else_fails()
    {
        await using WebApplication server = await ServeAsync(HttpStatusCode.NotFound, "<html>");

        (await AskAsync(server)).MustFail(1, "404", server.Urls.Single());
    }

    [Fact]
    public async Task Nobody_there_fails() => (await Cli.FlightsAsync("health", "--server", "http://127.0.0.1:1")).MustFail(1, "http://127.0.0.1:1", "does not answer");

    private static async Task<Ended> AskAsync(WebApplication server)
    {
        using TemporaryFolder folder = new();
        return await Cli.RunAsync(
            "Flights", ["health", "--data", folder.Data], null,
            new Dictionary<string, string> { ["LAMBDA_Urls"] = server.Urls.Single().Replace("127.0.0.1", "0.0.0.0", StringComparison.Ordinal), ["LAMBDA_AllowRemote"] = "true" });
    }

    private static async Task<WebApplication> ServeAsync(HttpStatusCode status, string body)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        app.MapGet("/health/ready", () => Results.Text(body, "application/json", statusCode: (int)status));
        await app.StartAsync(Cancellation);
        return app;
    }
}
