using Lambda.Log;

namespace Lambda.Batch.Tests.Support;

/// <summary>A log whose records nobody gets before the test lets them go, as if reading took long.</summary>
/// <param name="inner">The log.</param>
internal sealed class HeldReads(IEventLog inner) : DelegatingEventLog(inner), IDisposable
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when somebody reads.</summary>
    public Task Reached => _reached.Task;

    /// <summary>Lets all who read go on.</summary>
    public void Release() => _released.TrySetResult();

    public override async ValueTask ReadAsync(string stream, int partition, long offset, RecordBatch destination, CancellationToken cancellationToken)
    {
        _reached.TrySetResult();
        await _released.Task.WaitAsync(cancellationToken);
        await Inner.ReadAsync(stream, partition, offset, destination, cancellationToken);
    }

    /// <summary>Whatever became of the test: a job that never ends would keep its host from stopping.</summary>
    public void Dispose() => Release();

    public override ValueTask DisposeAsync()
    {
        Release();
        return base.DisposeAsync();
    }
}
