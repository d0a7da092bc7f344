using Lambda.Batch.History.Storage;

namespace Lambda.Batch.Tests.History;

/// <summary>The crash that a test ordered.</summary>
internal sealed class SimulatedCrashException() : Exception("The process is gone.");

/// <summary>A storage that crashes its user before or after one of the calls that change something, and from then on.</summary>
/// <param name="inner">The real one.</param>
/// <param name="crashAt">Which step: 2n is before the nth change, 2n + 1 is after it.</param>
internal sealed class FaultyStorage(IObjectStorage inner, int crashAt) : IObjectStorage
{
    private int _step;

    /// <summary>Whether the crash has happened.</summary>
    public bool HasCrashed { get; private set; }

    public string Describe(string name) => inner.Describe(name);

    public string? FindFile(string name) => inner.FindFile(name);

    public Task<byte[]?> ReadAsync(string name, CancellationToken cancellationToken) => inner.ReadAsync(name, cancellationToken);

    public Task<Stream?> OpenReadAsync(string name, CancellationToken cancellationToken) => inner.OpenReadAsync(name, cancellationToken);

    public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);

    public async Task<bool> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        Step();
        bool won = await inner.PutIfAbsentAsync(name, content, cancellationToken);
        Step();
        return won;
    }

    public async Task PutAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        Step();
        await inner.PutAsync(name, content, cancellationToken);
        Step();
    }

    public async Task ReplaceAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        Step();
        await inner.ReplaceAsync(name, content, cancellationToken);
        Step();
    }

    public async Task<int> RemoveUnfinishedAsync(string prefix, DateTimeOffset before, CancellationToken cancellationToken)
    {
        Step();
        int removed = await inner.RemoveUnfinishedAsync(prefix, before, cancellationToken);
        Step();
        return removed;
    }

    public async Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        Step();
        await inner.DeleteAsync(name, cancellationToken);
        Step();
    }

    private void Step()
    {
        if (HasCrashed || _step++ == crashAt)
        {
            HasCrashed = true;
            throw new SimulatedCrashException();
        }
    }
}
