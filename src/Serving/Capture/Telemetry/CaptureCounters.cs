namespace Lambda.Capture.Telemetry;

/// <summary>What became of the events of one capture; each figure is written by several threads.</summary>
internal sealed class CaptureCounters
{
    private readonly long[] _dropped = new long[Enum.GetValues<EventDropReason>().Length];
    private long _captured;
    private long _failures;
    private long _recovered;
    private long _sent;
    private long _failedSends;

    public long Captured => Interlocked.Read(ref _captured);

    public long Recovered => Interlocked.Read(ref _recovered);

    public long Sent => Interlocked.Read(ref _sent);

    public long Failures => Interlocked.Read(ref _failures);

    public long FailedSends => Interlocked.Read(ref _failedSends);

    /// <summary>All events that were dropped, whatever the reason.</summary>
    public long AllDropped => Enum.GetValues<EventDropReason>().Sum(Dropped);

    /// <summary>The last exception of a delegate of the application, or of writing its result.</summary>
    public Exception? LastFailure { get; private set; }

    /// <summary>Why the sink last refused an event.</summary>
    public string? LastRefusal { get; private set; }

    public long Dropped(EventDropReason reason) => Interlocked.Read(ref _dropped[(int)reason]);

    public void OnCaptured() => Interlocked.Increment(ref _captured);

    public void OnDropped(EventDropReason reason, long events = 1) => Interlocked.Add(ref _dropped[(int)reason], events);

    public void OnFailure(Exception failure)
    {
        LastFailure = failure;
        Interlocked.Increment(ref _failures);
    }

    public void OnRecovered(long events) => Interlocked.Add(ref _recovered, events);

    public void OnSent(long events, SinkAnswer answer)
    {
        Interlocked.Add(ref _sent, events - answer.Refused);
        if (answer.Refused > 0)
        {
            LastRefusal = answer.Why;
            OnDropped(EventDropReason.Refused, answer.Refused);
        }
    }

    public void OnFailedSend() => Interlocked.Increment(ref _failedSends);
}
