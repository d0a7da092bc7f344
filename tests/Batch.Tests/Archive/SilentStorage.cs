using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Lambda.Batch.History.Storage;

namespace Lambda.Batch.Tests.Archive;

/// <summary>A storage that does not answer who wants to read or list.</summary>
internal sealed class SilentStorage(IObjectStorage inner) : IObjectStorage
{
    private readonly Channel<string> _asked = Channel.CreateUnbounded<string>();

    /// <summary>How often it was asked.</summary>
    public int Questions { get; private set; }

    /// <summary>Completes with the next question.</summary>
    public async Task AskedAsync(CancellationToken cancellationToken) => await _asked.Reader.ReadAsync(cancellationToken);

    public string Describe(string name) => inner.Describe(name);

    public string? FindFile(string name) => inner.FindFile(name);

    public async Task<byte[]?> ReadAsync(string name, CancellationToken cancellationToken)
    {
        await HangAsync(name, cancellationToken);
        return null;
    }

    public async Task<Stream?> OpenReadAsync(string name, CancellationToken cancellationToken)
    {
        await HangAsync(name, cancellationToken);
        return null;
    }

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await HangAsync(prefix, cancellationToken);
        yield break;
    }

    public Task<bool> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        inner.PutIfAbsentAsync(name, content, cancellationToken);

    public Task PutAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => inner.PutAsync(name, content, cancellationToken);

    public Task ReplaceAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        inner.ReplaceAsync(name, content, cancellationToken);

    public Task DeleteAsync(string name, CancellationToken cancellationToken) => inner.DeleteAsync(name, cancellationToken);

    public Task<int> RemoveUnfinishedAsync(string prefix, DateTimeOffset before, CancellationToken cancellationToken) =>
        inner.RemoveUnfinishedAsync(prefix, before, cancellationToken);

    private Task HangAsync(string what, CancellationToken cancellationToken)
    {
        Questions++;
        _asked.Writer.TryWrite(what);
        return Task.Delay(Timeout.Infinite, cancellationToken);
    }
}
