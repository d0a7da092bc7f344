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

    /// <summary>Each was called a defect of the program, or of a file, with a stack trace.</summary>
    [Fact]
    public async Task Answers_of_others_and_answers_that_break_off_are_told_as_what_they_are()
    {
        CommandException page = await Assert.ThrowsAsync<CommandException>(() => AskAsync(new StringContent("<html></html>")));
        CommandException list = await RefusalAsync("[]");
        CommandException read = await Assert.ThrowsAsync<CommandException>(() => AskAsync(new Breaking()));
        CommandException copied = await Assert.ThrowsAsync<CommandException>(() => CopyAsync(new Breaking()));

        Assert.Contains("http://batch:8080/ answered something that is no JSON", page.Message, StringComparison.Ordinal);
        Assert.Contains("The server answered 404", list.Message, StringComparison.Ordinal);
        Assert.All([read, copied], broken => Assert.Contains("http://batch:8080/ broke off: The line is dead.", broken.Message, StringComparison.Ordinal));
    }

    /// <summary>A full disk was told as a server that may have stopped.</summary>
    [Fact]
    public async Task What_cannot_be_written_is_not_told_as_the_servers_fault()
    {
        IOException error = await Assert.ThrowsAsync<IOException>(() => CopyAsync(new StringContent("a,b\n1,2\n"), new Full()));

        Assert.Equal("No space left on device.", error.Message);
    }

    private static async Task AskAsync(HttpContent answer)
    {
        using ApiClient client = new(new HttpClient(new Answering(answer)) { BaseAddress = new Uri("http://batch:8080") });
        await client.GetAsync("api/streams", Cancellation);
    }

    private static async Task CopyAsync(HttpContent answer, Stream? destination = null)
    {
        using ApiClient client = new(new HttpClient(new Answering(answer)) { BaseAddress = new Uri("http://batch:8080") });
        await client.CopyAsync("api/views/v?format=csv", destination ?? Stream.Null, Cancellation);
    }

    private static async Task<CommandException> RefusalAsync(string problem)
    {
        using HttpClient http = new(new Refusing(problem)) { BaseAddress = new Uri("http://batch:8080") };
        using ApiClient client = new(http);
        return await Assert.ThrowsAsync<CommandException>(() => client.GetAsync("api/batch/runs?limit=1", Cancellation));
    }

    private sealed class Answering(HttpContent content) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request, Content = content });
    }

    /// <summary>A body whose connection ends in its middle.</summary>
    private sealed class Breaking : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new IOException("The line is dead.");

        protected override Task<Stream> CreateContentReadStreamAsync() => throw new IOException("The line is dead.");

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    /// <summary>A file on a disk without space.</summary>
    private sealed class Full : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count) => throw new IOException("No space left on device.");

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new IOException("No space left on device.");

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            throw new IOException("No space left on device.");
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
