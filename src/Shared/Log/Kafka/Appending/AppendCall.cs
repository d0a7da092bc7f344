using System.Runtime.InteropServices;

namespace Lambda.Log.Kafka.Appending;

/// <summary>
/// One call of Append: counts its records until the last one is confirmed. librdkafka holds the call by a handle, which goes with the last count.
/// </summary>
internal sealed class AppendCall
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly KafkaStream _stream;
    private GCHandle _self;
    private KafkaError? _failure;
    private int _failedPartition;

    // Records that were handed over and are not confirmed yet, and one more while records are being handed over.
    private int _open = 1;

    public AppendCall(KafkaStream stream)
    {
        _stream = stream;
        _self = GCHandle.Alloc(this);
    }

    /// <summary>Completes when every record is confirmed or one has failed and no more are open.</summary>
    public Task Done => _done.Task;

    /// <summary>What a message is given on its way.</summary>
    public nint Opaque => GCHandle.ToIntPtr(_self);

    public bool HasFailed => Volatile.Read(ref _failure) is not null;

    public static AppendCall Of(nint opaque) => (AppendCall)GCHandle.FromIntPtr(opaque).Target!;

    /// <summary>A record is about to be handed over.</summary>
    public void Open() => Interlocked.Increment(ref _open);

    /// <summary>A record was confirmed; <paramref name="offset"/> is where, or negative when that is not known.</summary>
    public void Confirm(int partition, long offset)
    {
        if (offset >= 0)
        {
            _stream.Partitions[partition].Tell(offset + 1);
        }

        Close();
    }

    /// <summary>A record was refused, or its fate is not known.</summary>
    public void Fail(int partition, KafkaError reason)
    {
        Note(partition, reason);
        Close();
    }

    /// <summary>Takes note of a failure; the first one counts.</summary>
    public void Note(int partition, KafkaError reason)
    {
        if (Interlocked.CompareExchange(ref _failure, reason, null) is null)
        {
            _failedPartition = partition;
        }
    }

    /// <summary>All records were handed over, or no more will be.</summary>
    public void Close()
    {
        if (Interlocked.Decrement(ref _open) != 0)
        {
            return;
        }

        _self.Free();
        if (_failure is { } failure)
        {
            string message = $"Stream '{_stream.Name}' (topic '{_stream.Topic}'), partition {_failedPartition}: an append has failed: {failure} Some of its "
                + $"records may have been taken all the same. {failure.Remedy}";
            _done.SetException(failure.IsTooLarge ? new RecordTooLargeException(message) : new EventLogException(message));
        }
        else
        {
            _done.SetResult();
        }
    }
}
