using System.Threading.Tasks.Sources;

namespace Lambda.Log.Embedded;

/// <summary>
/// One call of Append on its way through the writer, and the task its caller awaits. Pooled, because there is one for every call.
/// </summary>
internal sealed class AppendRequest : LogCommand, IValueTaskSource
{
    private readonly AppendRequestPool _pool;

    // Runs continuations elsewhere: the writer must not be held up by what callers do next.
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _registration;
    private State _state;

    // The caller and the writer. Whoever lets go last returns the request to the pool.
    private int _owners;

    public AppendRequest(AppendRequestPool pool)
    {
        _pool = pool;
    }

    private enum State
    {
        Waiting,
        Taken,
        Cancelled,
    }

    public StreamState Stream { get; private set; } = null!;

    public RecordBatch Records { get; private set; } = null!;

    /// <summary>What the caller awaits, once.</summary>
    public ValueTask Task => new(this, _core.Version);

    public void Start(StreamState stream, RecordBatch records)
    {
        Stream = stream;
        Records = records;
        _state = State.Waiting;
        _owners = 2;
    }

    /// <summary>Lets the caller stop waiting as long as the writer has not begun with the request.</summary>
    public void CancelWith(CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
        {
            _registration = cancellationToken.UnsafeRegister(
                static (request, token) => ((AppendRequest)request!).TryCancel(token), this);
        }
    }

    /// <summary>The writer begins with the request; from here on it uses the caller's records. False when the caller has given up.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _state, State.Taken, State.Waiting) == State.Waiting;

    public void Succeed()
    {
        _core.SetResult(true);
        Release();
    }

    public void Fail(Exception reason)
    {
        _core.SetException(reason);
        Release();
    }

    /// <summary>One of the two owners is done with the request.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _owners) == 0)
        {
            Stream = null!;
            Records = null!;
            _registration = default;
            _core.Reset();
            _pool.Return(this);
        }
    }

    void IValueTaskSource.GetResult(short token)
    {
        try
        {
            _core.GetResult(token);
        }
        finally
        {
            _registration.Dispose();
            Release();
        }
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void TryCancel(CancellationToken token)
    {
        if (Interlocked.CompareExchange(ref _state, State.Cancelled, State.Waiting) == State.Waiting)
        {
            _core.SetException(new OperationCanceledException(token));
        }
    }
}
