using System.Net;
using System.Text;
using Lambda.Definition;
using Lambda.Host.Tests.Support;
using Lambda.Hosting.Client;
using Lambda.Hosting.Commands;
using Lambda.Windows;
using Xunit;

namespace Lambda.Host.Tests.Commands;

public sealed class SummaryCoverageTests(RunningPlatform running) : IClassFixture<RunningPlatform>
{
    /// <summary>A server with files to begin with did not start then.</summary>
    [Fact]
    public async Task A_generation_that_is_not_among_the_newest_is_no_defect()
    {
        StreamBuilder<Visit> visits = new StreamBuilder<Visit>(running.Stream).EventTime(visit => visit.Time).Partitions(2);
        visits.View("by_page").GroupBy(visit => visit.Page).Window(AllTime.Window).Aggregate(a => new { Visits = a.Count() });
        using ApiClient api = new(new HttpClient(new Answering()) { BaseAddress = new Uri("http://here:8080") });

        Assert.False(await new Summary(null!, api, running.Platform, null!).IsCoveredAsync(Catalog.Build([visits]).Streams[0], TestContext.Current.CancellationToken));
    }

    /// <summary>A stream whose generation reaches to the end of the log, and as many rejected ones after it as are listed.</summary>
    private sealed class Answering : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            string answer = request.RequestUri!.AbsolutePath == "/api/generations"
                ? """[{"generation":53,"state":"rejected","views":{}},{"generation":52,"state":"rejected","views":{}}]"""
                : """{"generation":1,"boundary":[0,0]}""";
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)
            {
                RequestMessage = request,
                Content = new StringContent(answer, Encoding.UTF8, "application/json"),
            });
        }
    }
}
