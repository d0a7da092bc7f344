using System.Net;
using System.Threading.Channels;
using Lambda.Serving.Security;
using Microsoft.AspNetCore.Connections;

namespace Lambda.Hosting.Composition;

/// <summary>
/// Connects this process to its own web server without a network, so that commands use the one API whether the server runs here or elsewhere.
/// </summary>
internal sealed class InProcessTransport : IConnectionListenerFactory, IConnectionListenerFactorySelector, IConnectionListener
{
    private readonly Channel<ConnectionContext> _accepted = Channel.CreateUnbounded<ConnectionContext>();
    private int _connections;

    /// <summary>The endpoint that the server has to listen at.</summary>
    public EndPoint EndPoint { get; } = new InProcessEndPoint();

    public bool CanBind(EndPoint endpoint) => endpoint == EndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) => new(this);

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _accepted.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_accepted.Reader.TryRead(out ConnectionContext? connection))
            {
                return connection;
            }
        }

        return null;
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _accepted.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => UnbindAsync();

    /// <summary>A client of the server.</summary>
    public HttpClient CreateClient() => new(new SocketsHttpHandler { ConnectCallback = (_, _) => new ValueTask<Stream>(Connect()), UseProxy = false })
    {
        // The server takes requests for this name.
        BaseAddress = new Uri("http://localhost/"),
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private DuplexStream Connect()
    {
        DuplexPipe.Pair pair = DuplexPipe.CreatePair();
        InProcessConnection connection = new($"in-process-{Interlocked.Increment(ref _connections)}", pair.Server, pair.Client);
        connection.Features.Set(TrustedConnection.Instance);
        return _accepted.Writer.TryWrite(connection)
            ? new DuplexStream(pair.Client)
            : throw new IOException("The server in this process has stopped.");
    }

    private sealed class InProcessEndPoint : EndPoint
    {
        public override string ToString() => "in-process";
    }
}
