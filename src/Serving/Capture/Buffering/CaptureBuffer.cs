using System.Threading.Channels;

namespace Lambda.Capture.Buffering;

/// <summary>
/// Where requests leave their events: bounded in number and in memory, and never waiting. Any number of threads add; one takes.
/// </summary>
internal sealed class CaptureBuffer
{
    private readonly EventMemory _memory = new();
    private readonly Channel<PendingEvent> _events;
    private readonly int _maxEvents;
    private readonly long _maxBytes;
    private TaskCompletionSource? _pressure;
    private long _bytes;
    private int _count;

    public CaptureBuffer(int maxEvents, long maxBytes)
    {
        _maxEvents = maxEvents;
        _maxBytes = maxBytes;

        // A taker that went on within TryWrite would do its work on the request's thread.
        _events = Channel.CreateBounded<PendingEvent>(new BoundedChannelOptions(maxEvents) { SingleReader = true, AllowSynchronousContinuations = false });
    }

    /// <summary>How many events wait.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>How much memory they take.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Whether the buffer is filling up: half of its room is taken.</summary>
    public bool IsUnderPressure => Count >= Math.Max(1, _maxEvents / 2) || Bytes >= _maxBytes / 2;

    /// <summary>Copies an event into the buffer. False when there is no room for it, or the buffer takes no more.</summary>
    public bool TryAdd(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        byte[] memory = _memory.Rent(key.Length + value.Length);
        if (Interlocked.Add(ref _bytes, memory.Length) > _maxBytes)
        {
            Forget(memory);
            return false;
        }

        key.CopyTo(memory);
        value.CopyTo(memory.AsSpan(key.Length));

        // Before the event is there for the taker, whose subtraction must not come first.
        Interlocked.Increment(ref _count);
        if (!_events.Writer.TryWrite(new PendingEvent(memory, key.Length, value.Length)))
        {
            Interlocked.Decrement(ref _count);
            Forget(memory);
            return false;
        }

        if (Volatile.Read(ref _pressure) is { } waiter && IsUnderPressure)
        {
            waiter.TrySetResult();
        }

        return true;
    }

    /// <summary>The next event, left in its place.</summary>
    public bool TryPeek(out PendingEvent next) => _events.Reader.TryPeek(out next);

    /// <summary>Takes the event that <see cref="TryPeek"/> has shown. What it says is valid until it is returned.</summary>
    public PendingEvent Take()
    {
        if (!_events.Reader.TryRead(out PendingEvent next))
        {
            throw new InvalidOperationException("The buffer is empty.");
        }

        Interlocked.Decrement(ref _count);
        Interlocked.Add(ref _bytes, -next.Memory.Length);
        return next;
    }

    /// <summary>Takes the memory of an event back, which must not be used afterwards.</summary>
    public void Return(PendingEvent taken) => _memory.Return(taken.Memory);

    /// <summary>Completes when there is an event; with false when there will be none any more.</summary>
    public Task<bool> WaitAsync() => _events.Reader.WaitToReadAsync().AsTask();

    /// <summary>Completes when the buffer <see cref="IsUnderPressure"/>.</summary>
    public Task PressureAsync()
    {
        TaskCompletionSource waiter = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _pressure, waiter);

        // What was added between the last look and here.
        if (IsUnderPressure)
        {
            waiter.TrySetResult();
        }

        return waiter.Task;
    }

    /// <summary>Takes no more events from here on.</summary>
    public void Close() => _events.Writer.TryComplete();

    private void Forget(byte[] memory)
    {
        Interlocked.Add(ref _bytes, -memory.Length);
        _memory.Return(memory);
    }
}
