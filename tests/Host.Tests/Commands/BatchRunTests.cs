using System.Text;
using Lambda.Hosting.Client;
using Lambda.Hosting.Commands;
using Lambda.Hosting.Output;
using Xunit;

namespace Lambda.Host.Tests.Commands;

/// <summary>What is said when one who watches a run does not wait for its end.</summary>
public sealed class BatchRunTests
{
    private static readonly Uri Address = new("http://batch:8080");

    /// <summary>It said that what was done stays, as of a run that has ended, and the run went on and published.</summary>
    [Fact]
    public async Task A_run_at_a_server_goes_on_when_it_is_not_watched_any_more()
    {
        InterruptedException interrupted = await Assert.ThrowsAsync<InterruptedException>(() => InterruptAsync(Address));
        Assert.Equal("the run of stream 'flights' goes on at http://batch:8080/, where POST http://batch:8080/api/batch/runs/a%20b/cancel ends it", interrupted.Message);
    }

    [Fact]
    public async Task A_run_in_this_process_ends_with_it() =>
        Assert.IsNotType<InterruptedException>(await Assert.ThrowsAnyAsync<OperationCanceledException>(() => InterruptAsync(null)));

    private static async Task<int> InterruptAsync(Uri? elsewhere)
    {
        using CancellationTokenSource interrupt = new();
        using HttpClient http = new(new Running(interrupt)) { BaseAddress = Address };
        using ApiClient api = new(http) { Elsewhere = elsewhere };
        return await BatchRun.RunAsync(api, "flights", new Terminal(TimeProvider.System), interrupt.Token);
    }

    /// <summary>A server with a run that has not ended when it is looked at for the second time.</summary>
    private sealed class Running(CancellationTokenSource interrupt) : HttpMessageHandler
    {
        private int _looks;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method == HttpMethod.Get && ++_looks == 2)
            {
                await interrupt.CancelAsync();
            }

            cancellationToken.ThrowIfCancellationRequested();
            string answer = request.Method == HttpMethod.Post ? """{"runId":"a b"}""" : """{"state":"running","progress":0.5,"step":"auditing"}""";
            return new HttpResponseMessage { RequestMessage = request, Content = new StringContent(answer, Encoding.UTF8, "application/json") };
        }
    }
}
