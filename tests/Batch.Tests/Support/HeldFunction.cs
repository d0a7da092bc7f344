namespace Lambda.Batch.Tests.Support;

/// <summary>
/// A function for definitions that a test can hold up at an order, as if it took long. It neither knows nor heeds that its run is cancelled.
/// </summary>
/// <param name="orderId">The order.</param>
internal sealed class HeldFunction(string orderId) : IDisposable
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _open = new(initialState: true);

    /// <summary>Is true of every order.</summary>
    public bool Passes(Order order)
    {
        if (order.Id == orderId && !_open.IsSet)
        {
            _reached.TrySetResult();
            _open.Wait();
        }

        return true;
    }

    /// <summary>From now on, the function stays at the order.</summary>
    public void Hold() => _open.Reset();

    /// <summary>Ends when the function stays at the order.</summary>
    public Task ReachedAsync() => _reached.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

    /// <summary>Lets the function go on.</summary>
    public void Release() => _open.Set();

    /// <summary>Lets the function go on, whatever became of the test: a run that never ends would keep its host from stopping.</summary>
    public void Dispose() => Release();
}
