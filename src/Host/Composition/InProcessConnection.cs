using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Lambda.Hosting.Composition;

/// <summary>The server's end of a connection within the process.</summary>
/// <remarks>
/// The base class cancels its token on another thread, which may come after the connection was disposed and would then end the process. The source
/// used here is never disposed; it holds nothing that would have to be.
/// </remarks>
internal sealed class InProcessConnection : DefaultConnectionContext
{
    private readonly CancellationTokenSource _closed = new();

    public InProcessConnection(string id, IDuplexPipe transport, IDuplexPipe application)
        : base(id, transport, application) => ConnectionClosed = _closed.Token;

    public override void Abort(ConnectionAbortedException abortReason) =>
        ThreadPool.UnsafeQueueUserWorkItem(closed => closed.Cancel(), _closed, preferLocal: false);
}
