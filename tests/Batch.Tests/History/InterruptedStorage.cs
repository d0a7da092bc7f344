using Lambda.Batch.History.Storage;

namespace Lambda.Batch.Tests.History;

/// <summary>A storage in which somebody else does something before a writer's first commit of a kind.</summary>
/// <param name="inner">The real one.</param>
/// <param name="prefix">What the name of the commit begins with.</param>
/// <param name="interruption">What is done.</param>
internal sealed class InterruptedStorage(IObjectStorage inner, string prefix, Func<Task> interruption) : IObjectStorage
{
    /// <summary>Whether it was done.</summary>
    public bool WasInterrupted { get; private set; }

    public string Describe(string name) => inner.Describe(name);

    public string? FindFile(string name) => inner.FindFile(name);

    public Task<byte[]?> ReadAsync(string name, CancellationToken cancellationToken) => inner.ReadAsync(name, cancellationToken);

    public Task<Stream?> OpenReadAsync(string name, CancellationToken cancellationToken) => inner.OpenReadAsync(name, cancellationToken);

    public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);

    public async Task<bool> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (!WasInterrupted && name.StartsWith(prefix, StringComparison.Ordinal))
        {
            WasInterrupted = true;
            await interruption();
        }

        return await inner.PutIfAbsentAsync(name, content, cancellationToken);
    }

    public Task PutAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => inner.PutAsync(name, content, cancellationToken);

    public Task ReplaceAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        inner.ReplaceAsync(name, content, cancellationToken);

    public Task<int> RemoveUnfinishedAsync(string prefix, DateTimeOffset before, CancellationToken cancellationToken) =>
        inner.RemoveUnfinishedAsync(prefix, before, cancellationToken);

    public Task DeleteAsync(string name, CancellationToken cancellationToken) => inner.DeleteAsync(name, cancellationToken);
}
