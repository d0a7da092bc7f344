using System.Text;
using Lambda.Capture;
using Lambda.Log;

namespace Lambda.Serving.Tests.Capture.Support;

/// <summary>A sink that keeps what it is sent, and does as the test wants: works, fails, or never answers.</summary>
internal sealed class TestSink : ICaptureSink
{
    private readonly Lock _gate = new();
    private readonly List<string> _values = [];
    private readonly List<string> _keys = [];
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiters = [];
    private TaskCompletionSource _parked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isParked;

    /// <summary>Whether every call fails.</summary>
    public bool IsDown { get; set; }

    /// <summary>Whether a call that fails has taken the events all the same, as when an answer gets lost.</summary>
    public bool TakesBeforeFailing { get; set; }

    /// <summary>What it refuses of a batch.</summary>
    public Func<IReadOnlyList<string>, SinkAnswer> Answer { get; set; } = _ => default;

    /// <summary>How many calls there were.</summary>
    public int Calls { get; private set; }

    public bool IsDisposed { get; private set; }

    /// <summary>The JSON of all events it took, in order.</summary>
    public IReadOnlyList<string> Values
    {
        get
        {
            lock (_gate)
            {
                return [.. _values];
            }
        }
    }

    public IReadOnlyList<string> Keys
    {
        get
        {
            lock (_gate)
            {
                return [.. _keys];
            }
        }
    }

    /// <summary>Has calls never complete from here on, not even when they are cancelled.</summary>
    public void Park()
    {
        lock (_gate)
        {
            _isParked = true;
            _released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Lets parked calls go on.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _isParked = false;
            _parked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _released.TrySetResult();
        }
    }

    /// <summary>Completes when a call is parked.</summary>
    public Task ParkedAsync()
    {
        lock (_gate)
        {
            return _parked.Task.WaitAsync(CaptureRig.Patience);
        }
    }

    /// <summary>Completes when it has taken that many events.</summary>
    public Task TakenAsync(int count)
    {
        lock (_gate)
        {
            if (_values.Count >= count)
            {
                return Task.CompletedTask;
            }

            TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((count, reached));
            return reached.Task.WaitAsync(CaptureRig.Patience);
        }
    }

    public async ValueTask<SinkAnswer> SendAsync(string stream, RecordBatch events, CancellationToken cancellationToken)
    {
        Task? released = null;
        lock (_gate)
        {
            Calls++;
            if (_isParked)
            {
                released = _released.Task;
                _parked.TrySetResult();
            }
        }

        if (released is not null)
        {
            await released;
        }

        if (IsDown && !TakesBeforeFailing)
        {
            throw new EventLogException("The sink is down.");
        }

        List<string> values = [];
        lock (_gate)
        {
            for (int i = 0; i < events.Count; i++)
            {
                values.Add(Encoding.UTF8.GetString(events.Value(i)));
                _keys.Add(Encoding.UTF8.GetString(events.Key(i)));
            }

            _values.AddRange(values);
            foreach ((int count, TaskCompletionSource reached) in _waiters)
            {
                if (_values.Count >= count)
                {
                    reached.TrySetResult();
                }
            }
        }

        return IsDown ? throw new EventLogException("The sink went down before it could answer.") : Answer(values);
    }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }
}
