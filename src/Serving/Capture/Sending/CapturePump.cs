using Lambda.Capture.Buffering;
using Lambda.Capture.Spilling;
using Lambda.Capture.Telemetry;
using Lambda.Log;
using Microsoft.Extensions.Logging;

namespace Lambda.Capture.Sending;

/// <summary>
/// Takes events from the buffer to the sink, one batch at a time so that they stay in order, and to disk while the sink cannot take them. One loop does it all;
/// between its steps it waits for whatever can change what is to be done.
/// </summary>
internal sealed class CapturePump : IDisposable
{
    /// <summary>After how long a disk that failed is tried again.</summary>
    private static readonly TimeSpan SpillRetry = TimeSpan.FromSeconds(1);

    /// <summary>How long a sink gets to notice that it is to stop.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(250);

    private readonly string _stream;
    private readonly CaptureBuffer _buffer;
    private readonly EventCaptureLimits _limits;
    private readonly SpillSettings? _spillSettings;
    private readonly ICaptureSink _sink;
    private readonly CaptureCounters _counters;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Outbox _outbox;
    private readonly RetryDelays _delays;
    private readonly DiskUse _reads = new();
    private readonly DiskUse _writes = new();
    private readonly List<Task> _waits = [];

    /// <summary>What was over when the step began, so that the step has taken it into account. What gets over later calls for another step.</summary>
    private readonly List<Task> _known = [];

    // What is under way; null when it is not. Waits that are over but still there mean that what they waited for may be done.
    private Task<SinkAnswer>? _send;
    private CancellationTokenSource? _sendEnds;
    private long _sendStarted;
    private Task? _retry;
    private Task? _linger;
    private Task? _spillDue;
    private Task? _pressure;
    private Task<bool>? _readable;
    private Task? _deadline;

    public CapturePump(
        string stream,
        CaptureBuffer buffer,
        EventCaptureLimits limits,
        SpillSettings? spill,
        ICaptureSink sink,
        CaptureCounters counters,
        TimeProvider time,
        ILogger logger)
    {
        _stream = stream;
        _buffer = buffer;
        _limits = limits;
        _spillSettings = spill;
        _sink = sink;
        _counters = counters;
        _time = time;
        _logger = logger;
        _outbox = new Outbox(buffer, limits);
        _delays = new RetryDelays(limits.RetryDelay, limits.MaxRetryDelay);
    }

    /// <summary>What is not sent.</summary>
    public Outbox Outbox => _outbox;

    /// <summary>Why the last attempt to send failed; null since one has succeeded.</summary>
    public string? SinkError { get; private set; }

    /// <summary>Why the spill folder could not be used the last time; null since it could.</summary>
    public string? SpillError => _writes.Error ?? _reads.Error;

    private bool CanSpill => _outbox.Spill is not null && !_writes.HasToWait && !_outbox.IsSpillFull;

    /// <summary>Whether the batch that is being filled has waited for company long enough.</summary>
    private bool IsStagedDue => _outbox.IsStagedFull || _deadline is not null || _limits.Linger == TimeSpan.Zero || _linger is { IsCompleted: true };

    /// <summary>Works until it is to stop, then sends what is left within the time limit, and spills or gives up the rest.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        TaskCompletionSource stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration registration = stopping.UnsafeRegister(static source => ((TaskCompletionSource)source!).TrySetResult(), stop);
        bool isDone = false;
        while (!isDone)
        {
            try
            {
                isDone = await StepAsync(stop.Task).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // Whatever it is, events that come later must still be taken; it is logged as the defect that it is.
            catch (Exception error)
#pragma warning restore CA1031
            {
                _logger.PumpFailed(error, _stream);
                await Task.WhenAny(stop.Task, Task.Delay(SpillRetry, _time, CancellationToken.None)).ConfigureAwait(false);
                isDone = stop.Task.IsCompleted;
            }
        }

        await FinishAsync().ConfigureAwait(false);
    }

    public void Dispose()
    {
        _sendEnds?.Dispose();
        _outbox.Dispose();
    }

    private static bool IsPending(Task? task) => task is { IsCompleted: false };

    /// <summary>Does all that can be done at once, then waits for more.</summary>
    /// <returns>Whether it was to stop, and there is nothing left to do.</returns>
    private async Task<bool> StepAsync(Task stop)
    {
        if (stop.IsCompleted)
        {
            _deadline ??= Task.Delay(_limits.FlushTimeout, _time, CancellationToken.None);
        }

        NoteWhatIsOver();
        OpenSpill();
        Harvest();
        _outbox.Stage();
        StartLinger();
        if (MustSpill())
        {
            TrySpill();
        }

        if (_deadline is not null && ((_outbox.IsMemoryEmpty && _send is null) || _deadline.IsCompleted))
        {
            return true;
        }

        StartSend();
        await WaitAsync(stop).ConfigureAwait(false);
        return false;
    }

    private void OpenSpill()
    {
        if (_spillSettings is not { } settings || _outbox.Spill is not null || _writes.HasToWait)
        {
            return;
        }

        UseDisk(_writes, () =>
        {
            SpillFolder opened = SpillFolder.Open(settings.Folder, settings.MaxBytes);
            _outbox.Spill = opened;
            _outbox.Publish();
            if (opened.UnreadableBytes > 0)
            {
                _logger.SpillUnreadable(opened.UnreadableBytes, settings.Folder, _stream);
            }

            if (opened.Count > 0)
            {
                _counters.OnRecovered(opened.Count);
                _logger.SpilledFound(opened.Count, _stream, settings.Folder);
            }

            return true;
        });
    }

    private void Harvest()
    {
        if (_send is not { IsCompleted: true } send)
        {
            return;
        }

        int events = _outbox.BatchSize;
        _sendEnds?.Cancel();
        _sendEnds?.Dispose();
        _sendEnds = null;
        _send = null;
        _spillDue = null;
        if (send.IsCompletedSuccessfully)
        {
            SinkAnswer answer = send.Result;
            _counters.OnSent(events, answer);
            bool hadSpilled = _outbox.HasSpilled;
            UseDisk(_reads, _outbox.Sent);
            if (hadSpilled && !_outbox.HasSpilled)
            {
                // What had no room is sent, and the room free again.
                Works(_writes);
            }

            if (_delays.IsFailing)
            {
                _delays.Succeeded();
                SinkError = null;
                _logger.SinkRecovered(_stream);
            }

            return;
        }

        _counters.OnFailedSend();
        string error = send.Exception is { } failure
            ? failure.GetBaseException().Message
            : $"It did not answer within {_limits.SendTimeout}.";
        if (!_delays.IsFailing)
        {
            _logger.SinkFails(_stream, error);
        }

        SinkError = error;
        _outbox.Failed();
        _retry = Task.Delay(_delays.Next(), _time, CancellationToken.None);
    }

    private void StartLinger()
    {
        if (!_outbox.HasStaged)
        {
            _linger = null;
        }
        else if (_linger is null && _limits.Linger > TimeSpan.Zero)
        {
            _linger = Task.Delay(_limits.Linger, _time, CancellationToken.None);
        }
    }

    private bool MustSpill()
    {
        if (!CanSpill || !(_outbox.HasUnsavedBatch || _outbox.HasStaged))
        {
            return false;
        }

        if (_send is not null && _outbox.HasUnsavedBatch)
        {
            // The sink has taken its time, or is too slow for what comes in.
            return _outbox.HasStaged
                && (_time.GetElapsedTime(_sendStarted) >= _limits.SpillAfter || (_outbox.IsStagedFull && _buffer.IsUnderPressure));
        }

        return _outbox.HasUnsavedBatch || ((_outbox.HasSpilled || _delays.IsFailing) && IsStagedDue);
    }

    private void TrySpill()
    {
        // As much at once as there is: with the sink down, the buffer is to be empty.
        UseDisk(_writes, () =>
        {
            while (_outbox.TrySpill())
            {
                _outbox.Stage();
                _linger = null;
                if (!_outbox.HasStaged || !IsStagedDue)
                {
                    return true;
                }
            }

            return false;
        });
        StartLinger();
    }

    private void StartSend()
    {
        // A disk that takes nothing more may give what it has, and has room only when it did.
        if (_send is not null || IsPending(_retry) || (_outbox.HasSpilled && _reads.HasToWait))
        {
            return;
        }

        RecordBatch? batch = null;
        UseDisk(_reads, () =>
        {
            bool isOnDisk = _outbox.HasSpilled;
            batch = _outbox.Next(IsStagedDue);
            return isOnDisk;
        });
        if (batch is null)
        {
            return;
        }

        _retry = null;
        _sendStarted = _time.GetTimestamp();
        _sendEnds = new CancellationTokenSource(_limits.SendTimeout, _time);
        CancellationToken ends = _sendEnds.Token;

        // On another thread, as a sink that blocks must not keep events from being spilled.
        _send = Task.Run(() => _sink.SendAsync(_stream, batch, ends).AsTask(), CancellationToken.None);
        StartLinger();
    }

    private void NoteWhatIsOver()
    {
        _known.Clear();
        foreach (Task? task in (ReadOnlySpan<Task?>)[_send, _retry, _linger, _reads.Retry, _writes.Retry, _spillDue, _pressure])
        {
            if (task is { IsCompleted: true })
            {
                _known.Add(task);
            }
        }
    }

    /// <summary>Waits until there may be something to do.</summary>
    private async Task WaitAsync(Task stop)
    {
        _waits.Clear();
        _waits.Add(_deadline ?? stop);
        Add(_send);
        Add(_retry);
        Add(_linger);
        Add(_reads.Retry);
        Add(_writes.Retry);
        if (!_outbox.IsStagedFull)
        {
            // One that is over may tell of events that were taken since; with false, that there will be none any more.
            _readable = _readable is { IsCompleted: true, Result: true } or null ? _buffer.WaitAsync() : _readable;
            if (!_readable.IsCompleted || _readable.Result)
            {
                _waits.Add(_readable);
            }
        }

        if (_send is not null && _outbox.HasUnsavedBatch && _outbox.HasStaged && CanSpill)
        {
            Add(_spillDue ??= Task.Delay(Remaining(), _time, _sendEnds!.Token));
            if (_outbox.IsStagedFull)
            {
                Add(_pressure = IsPending(_pressure) ? _pressure : _buffer.PressureAsync());
            }
        }

        await Task.WhenAny(_waits).ConfigureAwait(false);

        void Add(Task? task)
        {
            if (task is not null && !_known.Contains(task))
            {
                _waits.Add(task);
            }
        }
    }

    private TimeSpan Remaining()
    {
        TimeSpan left = _limits.SpillAfter - _time.GetElapsedTime(_sendStarted);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>Does something on disk. When that fails, it is tried again later, and what was not done is still in memory.</summary>
    /// <param name="use">What for.</param>
    /// <param name="action">Returns whether the disk was used, and did its work.</param>
    private void UseDisk(DiskUse use, Func<bool> action)
    {
        try
        {
            if (action())
            {
                Works(use);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            if (SpillError is null)
            {
                _logger.SpillFails(_stream, _spillSettings!.Folder, error.Message);
            }

            use.Error = error.Message;
            use.Retry = Task.Delay(SpillRetry, _time, CancellationToken.None);
        }
    }

    private void Works(DiskUse use)
    {
        bool failed = use.Error is not null;
        use.Error = null;
        if (failed && SpillError is null)
        {
            _logger.SpillRecovered(_stream, _spillSettings!.Folder);
        }
    }

    private async Task FinishAsync()
    {
        if (_send is { } send)
        {
            await _sendEnds!.CancelAsync().ConfigureAwait(false);
            await Task.WhenAny(send, Task.Delay(Grace, _time, CancellationToken.None)).ConfigureAwait(false);
            Harvest();
        }

        while (CanSpill && !_outbox.IsMemoryEmpty)
        {
            UseDisk(_writes, () =>
            {
                _outbox.Stage();
                return _outbox.TrySpill();
            });
        }

        _counters.OnDropped(EventDropReason.Stopped, _outbox.GiveUp(isSending: _send is not null));
    }

    /// <summary>What the disk is used for, and how that went the last time.</summary>
    private sealed class DiskUse
    {
        /// <summary>Why it failed; null since it did not.</summary>
        public string? Error { get; set; }

        /// <summary>Ends when it may be tried again.</summary>
        public Task? Retry { get; set; }

        public bool HasToWait => IsPending(Retry);
    }
}
