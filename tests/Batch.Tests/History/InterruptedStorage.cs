using Lambda.Batch.History.Storage;

namespace Lambda.Batch.Tests.History;

/// <summary>A storage in which somebody else does something before a writer's first commit of a kind.</summary>
/// <param name="inner">The real one.</param>
/// <param name="prefix">What the name of the commit begins with.</param>
/// <param name="interruption">What is done.</param>
internal sealed class InterruptedStorage(IObjectStorage inner, string prefix, Func<Task> interruption) : PassingStorage(inner)
{
    /// <summary>Whether it was done.</summary>
    public bool WasInterrupted { get; private set; }

    public override async Task<bool> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (!WasInterrupted && name.StartsWith(prefix, StringComparison.Ordinal))
        {
            WasInterrupted = true;
            await interruption();
        }

        return await base.PutIfAbsentAsync(name, content, cancellationToken);
    }
}
