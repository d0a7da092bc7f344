using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Lambda.Batch.History.Storage;

namespace Lambda.Batch.Tests.History;

/// <summary>Objects in memory, as old as a test's clock says: for tests that go through many crashes, where a disk would be all they wait for.</summary>
internal sealed class MemoryStorage(TimeProvider time) : IObjectStorage
{
    private readonly ConcurrentDictionary<string, (byte[] Content, DateTimeOffset At)> _objects = new(StringComparer.Ordinal);

    /// <summary>Another storage with what is in this one now.</summary>
    public MemoryStorage Copy(TimeProvider clock)
    {
        MemoryStorage copy = new(clock);
        foreach ((string name, (byte[], DateTimeOffset) found) in _objects)
        {
            copy._objects[name] = found;
        }

        return copy;
    }

    public IEnumerable<string> Names => _objects.Keys.Order(StringComparer.Ordinal);

    public string Describe(string name) => $"memory:{name}";

    public string? FindFile(string name) => null;

    public Task<byte[]?> ReadAsync(string name, CancellationToken cancellationToken) =>
        Task.FromResult(_objects.TryGetValue(name, out var found) ? found.Content : null);

    public Task<Stream?> OpenReadAsync(string name, CancellationToken cancellationToken) =>
        Task.FromResult<Stream?>(_objects.TryGetValue(name, out var found) ? new MemoryStream(found.Content, writable: false) : null);

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach ((string name, (byte[] content, DateTimeOffset at)) in _objects.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            yield return new StoredObject(name, content.Length, at);
        }

        await Task.CompletedTask;
    }

    public Task<bool> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        Task.FromResult(_objects.TryAdd(name, (content.ToArray(), time.GetUtcNow())));

    public Task PutAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => ReplaceAsync(name, content, cancellationToken);

    public Task ReplaceAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        _objects[name] = (content.ToArray(), time.GetUtcNow());
        return Task.CompletedTask;
    }

    public Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        _objects.TryRemove(name, out _);
        return Task.CompletedTask;
    }

    public Task<int> RemoveUnfinishedAsync(string prefix, DateTimeOffset before, CancellationToken cancellationToken) => Task.FromResult(0);
}
