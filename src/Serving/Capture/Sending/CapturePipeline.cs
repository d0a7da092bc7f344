using Lambda.Capture.Buffering;
using Lambda.Capture.Encoding;
using Lambda.Capture.Redacting;
using Lambda.Capture.Requests;
using Lambda.Capture.Spilling;
using Lambda.Capture.Telemetry;
using Microsoft.Extensions.Logging;

namespace Lambda.Capture.Sending;

/// <summary>One capture: from a request that is done to the sink.</summary>
internal sealed class CapturePipeline : IAsyncDisposable
{
    private readonly IEventEncoder _encoder;
    private readonly EventCaptureLimits _limits;
    private readonly ICaptureSink _sink;
    private readonly CapturePump _pump;
    private readonly DropMonitor _monitor;
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private bool _isClosed;

    public CapturePipeline(
        string stream,
        RequestFilter filter,
        Redaction redaction,
        IEventEncoder encoder,
        EventCaptureLimits limits,
        SpillSettings? spill,
        ICaptureSink sink,
        TimeProvider time,
        ILogger logger)
    {
        Stream = stream;
        Filter = filter;
        Redaction = redaction;
        _encoder = encoder;
        _limits = limits;
        _sink = sink;
        Buffer = new CaptureBuffer(limits.MaxBufferedEvents, limits.MaxBufferedBytes);
        _pump = new CapturePump(stream, Buffer, limits, spill, sink, Counters, time, logger);
        _monitor = new DropMonitor(stream, Counters, time, logger);
    }

    public string Stream { get; }

    public RequestFilter Filter { get; }

    public Redaction Redaction { get; }

    public CaptureBuffer Buffer { get; }

    public CaptureCounters Counters { get; } = new();

    /// <summary>Makes an event of a request that is done, if it is one that is wanted. Never throws and never waits.</summary>
    public void Capture(CapturedRequest request)
    {
        try
        {
            if (!Filter.MayMatch(request.Method, request.Path))
            {
                return;
            }

            request.Redaction = Redaction;
            if (!Filter.Matches(request))
            {
                return;
            }

            EncodingResult result = _encoder.Encode(request, Buffer, _limits.MaxEventBytes);
            if (result == EncodingResult.NoEvent)
            {
                return;
            }

            Counters.OnCaptured();
            if (result != EncodingResult.Buffered)
            {
                Counters.OnDropped(
                    result == EncodingResult.TooLarge ? EventDropReason.TooLarge
                    : Volatile.Read(ref _isClosed) ? EventDropReason.Stopped
                    : _pump.Outbox.IsSpillFull ? EventDropReason.SpillFull
                    : EventDropReason.BufferFull);
            }
        }
#pragma warning disable CA1031 // Delegates of the application may throw anything; a request must not fail because of its event.
        catch (Exception error)
#pragma warning restore CA1031
        {
            Counters.OnFailure(error);
        }
    }

    public EventCaptureStatus Status() => new()
    {
        Stream = Stream,
        Captured = Counters.Captured,
        Recovered = Counters.Recovered,
        Sent = Counters.Sent,
        Dropped = Enum.GetValues<EventDropReason>().Where(reason => Counters.Dropped(reason) > 0).ToDictionary(reason => reason, Counters.Dropped),
        Buffered = _pump.Outbox.InMemory,
        Spilled = _pump.Outbox.OnDisk,
        SpilledBytes = _pump.Outbox.BytesOnDisk,
        IsSpillFull = _pump.Outbox.IsSpillFull,
        Failures = Counters.Failures,
        FailedSends = Counters.FailedSends,
        SinkError = _pump.SinkError,
        SpillError = _pump.SpillError,
    };

    public void Start()
    {
        _monitor.Start();
        _running = Task.Run(() => _pump.RunAsync(_stopping.Token), CancellationToken.None);
    }

    /// <summary>Takes no more events, and completes when those that were taken are sent, spilled or given up.</summary>
    public async Task StopAsync()
    {
        Volatile.Write(ref _isClosed, true);
        Buffer.Close();
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _monitor.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _pump.Dispose();
        _stopping.Dispose();
        await _sink.DisposeAsync().ConfigureAwait(false);
    }
}
