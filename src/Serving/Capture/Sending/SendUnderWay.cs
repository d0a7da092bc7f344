using Lambda.Log;

namespace Lambda.Capture.Sending;

/// <summary>A batch on its way to the sink. To dispose of it tells the sink that its answer is not waited for any more.</summary>
internal sealed class SendUnderWay : IDisposable
{
    private readonly CancellationTokenSource _over;
    private readonly TimeProvider _time;
    private readonly long _started;

    private SendUnderWay(ICaptureSink sink, string stream, RecordBatch batch, TimeSpan timeout, TimeProvider time)
    {
        _over = new CancellationTokenSource(timeout, time);
        _time = time;
        _started = time.GetTimestamp();
        CancellationToken over = _over.Token;

        // On another thread, as a sink that blocks must not keep events from being spilled.
        Answer = Task.Run(() => sink.SendAsync(stream, batch, over).AsTask(), CancellationToken.None);
    }

    /// <summary>What the sink says; cancelled when it did not in time.</summary>
    public Task<SinkAnswer> Answer { get; }

    /// <summary>How long it has been under way.</summary>
    public TimeSpan Elapsed => _time.GetElapsedTime(_started);

    /// <summary>Fires when it is not waited for any more.</summary>
    public CancellationToken Over => _over.Token;

    /// <summary>Sends a batch, which must not change until there is an answer.</summary>
    public static SendUnderWay Start(ICaptureSink sink, string stream, RecordBatch batch, TimeSpan timeout, TimeProvider time) =>
        new(sink, stream, batch, timeout, time);

    /// <summary>Asks the sink to stop.</summary>
    public Task CancelAsync() => _over.CancelAsync();

    public void Dispose()
    {
        _over.Cancel();
        _over.Dispose();
    }
}
