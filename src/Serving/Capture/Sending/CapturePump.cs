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
    /// <summary>After how long the loop goes on when a step of it has failed.</summary>
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    /// <summary>How long a sink gets to notice that it is to stop.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(250);

    private readonly string _stream;
    private readonly CaptureBuffer _buffer;
    private readonly EventCaptureLimits _limits;
    private readonly ICaptureSink _sink;
    private readonly CaptureCounters _counters;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Outbox _outbox;
    private readonly RetryDelays _delays;
    private readonly SpillDisk _disk;
    private readonly List<Task> _waits = [];

    /// <summary>What was over when the step began, so that the step has taken it into account. What gets over later calls for another step.</summary>
    private readonly List<Task> _known = [];

    // What is under way; null when it is not. Waits that are over but still there mean that what they waited for may be done.
    private SendUnderWay? _send;
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
        _sink = sink;
        _counters = counters;
        _time = time;
        _logger = logger;
        _outbox = new Outbox(buffer, limits);
        _disk = new SpillDisk(stream, spill, time, logger);
        _delays = new RetryDelays(limits.RetryDelay, limits.MaxRetryDelay);
    }

    /// <summary>What is not sent.</summary>
    public Outbox Outbox => _outbox;

    /// <summary>Why the last attempt to send failed; null since one has succeeded.</summary>
    public string? SinkError { get; private set; }

    /// <summary>Why the spill folder could not be used the last time; null since it could.</summary>
    public string? SpillError => _disk.Error;

    private bool CanSpill => _outbox.Spill is not null && !_disk.Writes.HasToWait && !_outbox.IsSpillFull;

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
                await Task.WhenAny(stop.Task, Task.Delay(PauseAfterFailure, _time, CancellationToken.None)).ConfigureAwait(false);
                isDone = stop.Task.IsCompleted;
            }
        }

        await FinishAsync().ConfigureAwait(false);
    }

    public void Dispose()
    {
        _send?.Dispose();
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
        if (_disk.Settings is not { } settings || _outbox.Spill is not null || _disk.Writes.HasToWait)
        {
            return;
        }

        _disk.Use(_disk.Writes, () =>
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
        if (_send is not { Answer: { IsCompleted: true } answered } send)
        {
            return;
        }

        int events = _outbox.BatchSize;
        send.Dispose();
        _send = null;
        _spillDue = null;
        if (answered.IsCompletedSuccessfully)
        {
            SinkAnswer answer = answered.Result;
            _counters.OnSent(events, answer);
            bool hadSpilled = _outbox.HasSpilled;
            _disk.Use(_disk.Reads, _outbox.Sent);
            if (hadSpilled && !_outbox.HasSpilled)
            {
                // What had no room is sent, and the room free again.
                _disk.Works(_disk.Writes);
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
        string error = answered.Exception is { } failure
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
        if (!CanSpill || !(_outbox.HasBatchToSpill || _outbox.HasStaged))
        {
            return false;
        }

        if (_send is { } send && _outbox.HasUnsavedBatch)
        {
            // The sink has taken its time, or is too slow for what comes in.
            return _outbox.HasStaged
                && (send.Elapsed >= _limits.SpillAfter || (_outbox.IsStagedFull && _buffer.IsUnderPressure));
        }

        return _outbox.HasBatchToSpill || ((_outbox.HasSpilled || _delays.IsFailing) && IsStagedDue);
    }

    private void TrySpill()
    {
        // As much at once as there is: with the sink down, the buffer is to be empty.
        _disk.Use(_disk.Writes, () =>
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
        if (_send is not null || IsPending(_retry) || (_outbox.HasSpilled && _disk.Reads.HasToWait))
        {
            return;
        }

        RecordBatch? batch = null;
        _disk.Use(_disk.Reads, () =>
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
        _send = SendUnderWay.Start(_sink, _stream, batch, _limits.SendTimeout, _time);
        StartLinger();
    }

    private void NoteWhatIsOver()
    {
        _known.Clear();
        foreach (Task? task in (ReadOnlySpan<Task?>)[_send?.Answer, _retry, _linger, _disk.Reads.Retry, _disk.Writes.Retry, _spillDue, _pressure])
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
        Add(_send?.Answer);
        Add(_retry);
        Add(_linger);
        Add(_disk.Reads.Retry);
        Add(_disk.Writes.Retry);
        if (!_outbox.IsStagedFull)
        {
            // One that is over may tell of events that were taken since; with false, that there will be none any more.
            _readable = _readable is { IsCompleted: true, Result: true } or null ? _buffer.WaitAsync() : _readable;
            if (!_readable.IsCompleted || _readable.Result)
            {
                _waits.Add(_readable);
            }
        }

        if (_send is { } send && _outbox.HasUnsavedBatch && _outbox.HasStaged && CanSpill)
        {
            Add(_spillDue ??= Task.Delay(UntilSpill(send), _time, send.Over));
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

    private TimeSpan UntilSpill(SendUnderWay send)
    {
        TimeSpan left = _limits.SpillAfter - send.Elapsed;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private async Task FinishAsync()
    {
        if (_send is { } send)
        {
            await send.CancelAsync().ConfigureAwait(false);
            await Task.WhenAny(send.Answer, Task.Delay(Grace, _time, CancellationToken.None)).ConfigureAwait(false);
            Harvest();
        }

        while (CanSpill && !_outbox.IsMemoryEmpty)
        {
            _disk.Use(_disk.Writes, () =>
            {
                _outbox.Stage();
                return _outbox.TrySpillLast();
            });
        }

        _counters.OnDropped(EventDropReason.Stopped, _outbox.GiveUp(isSending: _send is not null));
    }
}
