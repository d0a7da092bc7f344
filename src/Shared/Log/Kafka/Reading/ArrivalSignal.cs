using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lambda.Log.Kafka.Reading;

/// <summary>Wakes a reader when something has come into its queue. For one waiter at a time.</summary>
internal sealed unsafe class ArrivalSignal : IDisposable
{
    private readonly Lock _lock = new();
    private GCHandle _self;
    private TaskCompletionSource? _waiting;

    // Something has come since the last wait.
    private bool _arrived;

    public ArrivalSignal() => _self = GCHandle.Alloc(this);

    /// <summary>What the callback of a queue is given.</summary>
    public nint Opaque => GCHandle.ToIntPtr(_self);

    /// <summary>The callback: <c>(client, opaque)</c>.</summary>
    public static delegate* unmanaged[Cdecl]<nint, nint, void> Callback => &OnArrival;

    /// <summary>Completes when something has come since the last call.</summary>
    public Task NextAsync()
    {
        lock (_lock)
        {
            if (_arrived)
            {
                _arrived = false;
                return Task.CompletedTask;
            }

            _waiting ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _waiting.Task;
        }
    }

    public void Set()
    {
        TaskCompletionSource? waiting;
        lock (_lock)
        {
            waiting = _waiting;
            _waiting = null;

            // Also where somebody waits: who waited may have given up since, and the next one must not wait for what is there. A queue tells of nothing more until it was empty again.
            _arrived = true;
        }

        waiting?.SetResult();
    }

    /// <summary>Must come after the callback was taken from the queue.</summary>
    public void Dispose() => _self.Free();

    // librdkafka holds the queue's lock here: nothing of it may be called, and the waiter goes on elsewhere.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnArrival(nint client, nint opaque) => ((ArrivalSignal)GCHandle.FromIntPtr(opaque).Target!).Set();
}
