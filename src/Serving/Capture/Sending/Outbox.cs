using Lambda.Capture.Buffering;
using Lambda.Capture.Spilling;
using Lambda.Log;

namespace Lambda.Capture.Sending;

/// <summary>
/// The events of one capture that are not sent, in their order: the batch in the hands of the sink, then those on disk, then the batch that is being filled,
/// then the buffer. Used by one thread at a time, but for its figures.
/// </summary>
/// <remarks>
/// A batch to be sent that came from memory is ahead of everything on disk, so as long as it is not on disk itself, nothing else is, but for what an earlier process had left
/// in a folder that could be opened only meanwhile. Behind that the batch must not be put: what is removed when it is sent is everything up to where it ends.
/// </remarks>
internal sealed class Outbox(CaptureBuffer buffer, EventCaptureLimits limits) : IDisposable
{
    private RecordBatch _sending = new(limits.MaxBatchEvents, limits.MaxBatchBytes);
    private RecordBatch _staged = new(limits.MaxBatchEvents, limits.MaxBatchBytes);
    private SpillPosition? _sendingEnd;
    private long _held;
    private long _spilled;
    private long _spilledBytes;
    private bool _isSpillFull;

    /// <summary>The events on disk; null when there is no folder, or it is not open.</summary>
    public SpillFolder? Spill { get; set; }

    /// <summary>Whether events wait on disk.</summary>
    public bool HasSpilled => Spill is { Count: > 0 };

    /// <summary>Whether the folder had no room for the last events that were to go there, and nothing was sent since.</summary>
    public bool IsSpillFull => Volatile.Read(ref _isSpillFull);

    /// <summary>Whether a batch is being filled.</summary>
    public bool HasStaged => _staged.Count > 0;

    /// <summary>Whether the batch that is being filled takes no more.</summary>
    public bool IsStagedFull { get; private set; }

    /// <summary>How many events are to be sent next, or in the hands of the sink.</summary>
    public int BatchSize => _sending.Count;

    /// <summary>Whether the batch to be sent is in memory only.</summary>
    public bool HasUnsavedBatch => _sending.Count > 0 && _sendingEnd is null;

    /// <summary>Whether the batch to be sent is in memory only, and goes to disk when events are spilled.</summary>
    public bool HasBatchToSpill => HasUnsavedBatch && !HasSpilled;

    /// <summary>Whether all that is left is on disk.</summary>
    public bool IsMemoryEmpty => !HasUnsavedBatch && !HasStaged && buffer.Count == 0;

    /// <summary>How many events are in memory, those in the buffer included. For any thread.</summary>
    public long InMemory
    {
        get
        {
            // In the order in which events move.
            long inBuffer = buffer.Count;
            return inBuffer + Interlocked.Read(ref _held);
        }
    }

    /// <summary>How many events are on disk. For any thread.</summary>
    public long OnDisk => Interlocked.Read(ref _spilled);

    /// <summary>How many bytes the folder takes. For any thread.</summary>
    public long BytesOnDisk => Interlocked.Read(ref _spilledBytes);

    /// <summary>Fills the batch with what is in the buffer.</summary>
    public void Stage()
    {
        while (!IsStagedFull && buffer.TryPeek(out PendingEvent next))
        {
            if (_staged.IsFullFor(next.Length))
            {
                IsStagedFull = true;
                break;
            }

            // Before the buffer counts it no longer: an event on its way may be counted twice, and is never counted nowhere.
            Interlocked.Increment(ref _held);
            PendingEvent taken = buffer.Take();
            _staged.Add(taken.Key, taken.Value);
            buffer.Return(taken);
            IsStagedFull = _staged.Count >= _staged.MaxRecords;
        }

        Publish();
    }

    /// <summary>What is to be sent next; null when there is nothing.</summary>
    /// <param name="takesStaged">Whether the batch that is being filled may go.</param>
    /// <exception cref="IOException">The events on disk cannot be read.</exception>
    public RecordBatch? Next(bool takesStaged)
    {
        while (_sending.Count == 0 && HasSpilled)
        {
            SpillPosition end = Spill!.Read(_sending);
            if (_sending.Count > 0)
            {
                _sendingEnd = end;
            }
            else
            {
                // None of them can be read any more.
                Spill.Remove(end, 0);
            }
        }

        if (_sending.Count == 0 && takesStaged && HasStaged)
        {
            (_sending, _staged) = (_staged, _sending);
            _sendingEnd = null;
            IsStagedFull = false;
        }

        Publish();
        return _sending.Count > 0 ? _sending : null;
    }

    /// <summary>The batch is where it was to go.</summary>
    /// <returns>Whether the disk took note of it, which it need not if the batch came from memory.</returns>
    /// <exception cref="IOException">The disk cannot take note of it; a restart would send the events again.</exception>
    public bool Sent()
    {
        int events = _sending.Count;
        SpillPosition? end = _sendingEnd;
        _sending.Clear();
        _sendingEnd = null;
        Volatile.Write(ref _isSpillFull, false);
        try
        {
            if (end is { } below)
            {
                Spill!.Remove(below, events);
            }

            return end is not null;
        }
        finally
        {
            Publish();
        }
    }

    /// <summary>The batch has to be sent again.</summary>
    public void Failed()
    {
        if (_sendingEnd is not null)
        {
            _sending.Clear();
            _sendingEnd = null;
        }
    }

    /// <summary>Puts on disk what is in the two batches, but for a batch to be sent that is ahead of what is there. False when the folder is full.</summary>
    /// <exception cref="IOException">The disk is full or fails; what was not put there is still in memory.</exception>
    public bool TrySpill() => TrySpill(HasBatchToSpill);

    /// <summary>Puts on disk what is in the two batches, when none is sent any more: one that is ahead of what is there goes behind that, as it would be lost otherwise.</summary>
    /// <inheritdoc cref="TrySpill()"/>
    public bool TrySpillLast() => TrySpill(HasUnsavedBatch);

    private bool TrySpill(bool takesBatch)
    {
        try
        {
            if (takesBatch)
            {
                if (!Save(_sending))
                {
                    return false;
                }

                // The sink may be reading it; when it has it, or has not, this is what to remove or read again.
                _sendingEnd = Spill!.End;
            }

            if (HasStaged)
            {
                if (!Save(_staged))
                {
                    return false;
                }

                _staged.Clear();
                IsStagedFull = false;
            }

            return true;
        }
        finally
        {
            Publish();
        }
    }

    /// <summary>Gives up what is in memory.</summary>
    /// <param name="isSending">Whether the sink still has the batch in its hands, which it was not seen to take.</param>
    /// <returns>How many events that were.</returns>
    public long GiveUp(bool isSending)
    {
        long given = 0;
        do
        {
            Stage();
            given += _staged.Count;
            _staged.Clear();
            IsStagedFull = false;
        }
        while (buffer.Count > 0);

        given += HasUnsavedBatch ? _sending.Count : 0;
        if (isSending)
        {
            // Its memory may be read yet.
            _sending = new RecordBatch(1, 1);
        }

        _sending.Clear();
        _sendingEnd = null;
        Publish();
        return given;
    }

    /// <summary>Takes note of what is where, for other threads.</summary>
    public void Publish()
    {
        long unsaved = HasUnsavedBatch ? _sending.Count : 0;
        Interlocked.Exchange(ref _spilled, Spill?.Count ?? 0);
        Interlocked.Exchange(ref _spilledBytes, Spill?.Bytes ?? 0);
        Interlocked.Exchange(ref _held, _staged.Count + unsaved);
    }

    public void Dispose()
    {
        Spill?.Dispose();
        _staged.Dispose();
        _sending.Dispose();
    }

    private bool Save(RecordBatch batch)
    {
        bool isSaved = Spill!.TryAppend(batch);
        Volatile.Write(ref _isSpillFull, !isSaved);
        return isSaved;
    }
}
