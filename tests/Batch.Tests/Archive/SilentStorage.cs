using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Lambda.Batch.History.Storage;
using Lambda.Batch.Tests.History;

namespace Lambda.Batch.Tests.Archive;

/// <summary>A storage that does not answer who wants to read or list.</summary>
internal sealed class SilentStorage(IObjectStorage inner) : PassingStorage(inner)
{
    private readonly Channel<string> _asked = Channel.CreateUnbounded<string>();

    /// <summary>How often it was asked.</summary>
    public int Questions { get; private set; }

    /// <summary>Completes with the next question.</summary>
    public async Task AskedAsync(CancellationToken cancellationToken) => await _asked.Reader.ReadAsync(cancellationToken);

    public override async Task<byte[]?> ReadAsync(string name, CancellationToken cancellationToken)
    {
        await HangAsync(name, cancellationToken);
        return null;
    }

    public override async Task<Stream?> OpenReadAsync(string name, CancellationToken cancellationToken)
    {
        await HangAsync(name, cancellationToken);
        return null;
    }

    public override async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await HangAsync(prefix, cancellationToken);
        yield break;
    }

    private Task HangAsync(string what, CancellationToken cancellationToken)
    {
        Questions++;
        _asked.Writer.TryWrite(what);
        return Task.Delay(Timeout.Infinite, cancellationToken);
    }
}
