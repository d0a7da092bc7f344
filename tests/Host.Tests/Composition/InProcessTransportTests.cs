using System.Text;
using Lambda.Hosting.Composition;
using Microsoft.AspNetCore.Connections;
using Xunit;

namespace Lambda.Host.Tests.Composition;

public class InProcessTransportTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // A pipe whose reader is completed leaves a read that is under way waiting for ever, and a client that is cancelled waits for that read to fail: a
    // server that was asked to end while it printed its summary did not end.
    [Fact]
    public async Task A_request_that_waits_for_its_answer_can_be_cancelled()
    {
        InProcessTransport transport = new();
        using HttpClient client = transport.CreateClient();
        using CancellationTokenSource cancellation = new();
        Task<HttpResponseMessage> answer = client.GetAsync(new Uri("slow", UriKind.Relative), cancellation.Token);
        ConnectionContext connection = (await transport.AcceptAsync(TestContext.Current.CancellationToken))!;
        await connection.Transport.Input.ReadAsync(TestContext.Current.CancellationToken);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer.WaitAsync(Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Request_and_answer_reach_the_other_end()
    {
        InProcessTransport transport = new();
        using HttpClient client = transport.CreateClient();
        Task<string> answer = client.GetStringAsync(new Uri("question", UriKind.Relative), TestContext.Current.CancellationToken);
        ConnectionContext connection = (await transport.AcceptAsync(TestContext.Current.CancellationToken))!;
        string request = Encoding.ASCII.GetString((await connection.Transport.Input.ReadAsync(TestContext.Current.CancellationToken)).Buffer.FirstSpan);
        await connection.Transport.Output.WriteAsync(
            Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n42"), TestContext.Current.CancellationToken);

        Assert.StartsWith("GET /question HTTP/1.1", request, StringComparison.Ordinal);
        Assert.Equal("42", await answer.WaitAsync(Patience, TestContext.Current.CancellationToken));
    }

    // The framework's own connection threw on a thread of the pool, which ended the process after all its work was done.
    [Fact]
    public async Task A_connection_that_is_aborted_and_disposed_at_once_does_no_harm()
    {
        for (int i = 0; i < 1000; i++)
        {
            DuplexPipe.Pair pair = DuplexPipe.CreatePair();
            InProcessConnection connection = new("it", pair.Server, pair.Client);
            TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            await using CancellationTokenRegistration registration = connection.ConnectionClosed.Register(closed.SetResult);

            connection.Abort(new ConnectionAbortedException());
            await connection.DisposeAsync();

            await closed.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        }
    }
}
