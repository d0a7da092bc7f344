using System.Runtime.InteropServices;
using Lambda.Log.Kafka.Native;
using Lambda.Time;

namespace Lambda.Log.Kafka.Reading;

/// <summary>
/// Reads one partition in order from an offset, with records fetched ahead. Takes messages by hundreds from librdkafka's queue and copies them once,
/// from where they were received into the caller's batch. Not safe for use by several threads at once.
/// </summary>
internal sealed unsafe class PartitionReader : IDisposable
{
    // How many messages are taken by one call. What is taken, but not wanted by this read, stays here for the next.
    private const int TakenAtOnce = 1024;
    private const int NoKnownOffset = -1;

    private readonly ReaderClients _clients;
    private readonly ReaderClient _client;
    private readonly KafkaTopicHandle _handle;
    private readonly string _topic;
    private readonly int _partition;
    private readonly ArrivalSignal _signal = new();
    private readonly NativeMessage** _taken;
    private KafkaQueueHandle? _queue;
    private int _next;
    private int _count;

    // No record lies in [_emptyFrom, Position): a reader that was asked for any of these offsets can go on here.
    private long _emptyFrom = NoKnownOffset;
    private bool _toldEnd;

    public PartitionReader(ReaderClients clients, int number, string topic, int partition)
    {
        Number = number;
        _topic = topic;
        _partition = partition;
        _clients = clients;
        _client = clients.Rent(number);
        _handle = _client.Topic(topic);
        _taken = (NativeMessage**)NativeMemory.Alloc(TakenAtOnce, (nuint)sizeof(NativeMessage*));
    }

    /// <summary>Which set of clients it uses one of.</summary>
    public int Number { get; }

    /// <summary>The offset up to which everything was handed out.</summary>
    public long Position { get; private set; } = NoKnownOffset;

    /// <summary>Why reading has ended; it must be started again then.</summary>
    public KafkaError? Failure { get; private set; }

    /// <summary>The last thing that went wrong and may go right again by itself.</summary>
    public KafkaError? Trouble { get; private set; }

    /// <summary>When it was last used; kept by those who use it.</summary>
    public long LastUsed { get; set; }

    /// <summary>Whether what comes next here is what comes next at <paramref name="offset"/>.</summary>
    public bool IsAt(long offset) => _queue is not null && _emptyFrom <= offset && offset <= Position;

    /// <summary>Begins to fetch at <paramref name="offset"/>; what was fetched before is given up.</summary>
    /// <exception cref="EventLogException">librdkafka refuses.</exception>
    public void Start(long offset)
    {
        Stop();
        var queue = KafkaQueueHandle.New(_client.Handle);
        Librdkafka.SetArrivalCallback(queue, ArrivalSignal.Callback, _signal.Opaque);
        if (Librdkafka.StartReading(_handle, _partition, offset, queue) != 0)
        {
            int error = Librdkafka.LastError();
            queue.Dispose();
            throw new EventLogException($"Kafka: partition {_partition} of topic '{_topic}' cannot be read: {Librdkafka.Describe(error)}");
        }

        _queue = queue;
        Position = _emptyFrom = offset;
    }

    /// <summary>Adds the records that have arrived, up to the limits of <paramref name="destination"/>.</summary>
    public void Fill(RecordBatch destination)
    {
        while (TryPeek(out _) && CopyTaken(destination))
        {
        }

        // Further than the last record where none lies between it and the end, whether this call or one before has found that out.
        if (Position > destination.NextOffset)
        {
            destination.SkipTo(Position);
        }
    }

    /// <summary>
    /// Whether a record at or above <paramref name="offset"/> has arrived; those below it are passed over.
    /// </summary>
    public bool HasRecord(long offset)
    {
        while (TryPeek(out NativeMessage* message))
        {
            if (message->Offset >= offset)
            {
                return true;
            }

            Advance(message);
        }

        return false;
    }

    /// <summary>
    /// Whether all records below what the brokers last said was the end have been handed out, and those below <paramref name="known"/>.
    /// </summary>
    public bool IsAtEnd(long known)
    {
        if (Position < known || _next < _count)
        {
            return false;
        }

        return _toldEnd || (Librdkafka.LastKnownOffsets(_client.Handle, _topic, _partition, out _, out long high) == 0 && high >= 0 && Position >= high);
    }

    /// <summary>Completes when something has arrived since the last call.</summary>
    public Task ArrivalAsync() => _signal.NextAsync();

    /// <summary>Ends what waits for an arrival.</summary>
    public void Wake() => _signal.Set();

    /// <summary>Ends fetching, until it is started again.</summary>
    public void Stop()
    {
        if (_queue is null)
        {
            return;
        }

        _ = Librdkafka.StopReading(_handle, _partition);
        DropTaken();
        Librdkafka.SetArrivalCallback(_queue, null, 0);
        _queue.Dispose();
        _queue = null;
        Position = _emptyFrom = NoKnownOffset;
        _toldEnd = false;
        Failure = null;
        Trouble = null;
    }

    public void Dispose()
    {
        Stop();
        _clients.Return(_client);
        _signal.Dispose();
        NativeMemory.Free(_taken);
    }

    // The next record that has arrived; it stays until Advance.
    private bool TryPeek(out NativeMessage* message)
    {
        while (Failure is null)
        {
            if (_next == _count && !Take())
            {
                break;
            }

            message = _taken[_next];
            if (message->Error == 0 && message->Offset >= Position)
            {
                return true;
            }

            if (message->Error != 0)
            {
                Note(message);
            }

            _next++;
            Librdkafka.DestroyMessage(message);
        }

        message = null;
        return false;
    }

    private bool Take()
    {
        if (_queue is null)
        {
            return false;
        }

        _next = 0;
        _count = (int)Math.Max(0, Librdkafka.TakeMessages(_queue, 0, _taken, TakenAtOnce));
        return _count > 0;
    }

    private void Advance(NativeMessage* message)
    {
        Position = _emptyFrom = message->Offset + 1;
        _toldEnd = false;
        _next++;
        Librdkafka.DestroyMessage(message);
    }

    /// <summary>
    /// The append time of a record in UTC microseconds. In a topic that keeps what producers say it can be any number, such as microseconds where Kafka
    /// has milliseconds: it is never before 1970-01-01, nor beyond what can be shown as a date, as no layer could note such a record nor get past it.
    /// </summary>
    private static long AppendedAt(NativeMessage* message)
    {
        int kind;
        long milliseconds = Librdkafka.Timestamp(message, &kind);
        return milliseconds > UtcMicroseconds.MaxValue / 1000 ? UtcMicroseconds.MaxValue : Math.Max(milliseconds, 0) * 1000;
    }

    /// <summary>Copies the records that follow one another among those taken, the next of which is one; false when the destination is full.</summary>
    private bool CopyTaken(RecordBatch destination)
    {
        NativeMessage** taken = _taken;
        int first = _next;
        int next = first;
        long position = Position;
        bool fits = true;
        while (next < _count && taken[next]->Error == 0 && taken[next]->Offset >= position)
        {
            NativeMessage* message = taken[next];
            ReadOnlySpan<byte> key = message->Key;
            ReadOnlySpan<byte> value = message->Value;
            fits = !destination.IsFullFor(key.Length + value.Length);
            if (!fits)
            {
                break;
            }

            destination.Add(message->Offset, AppendedAt(message), key, value);
            position = message->Offset + 1;
            next++;
        }

        if (next > first)
        {
            Position = _emptyFrom = position;
            _toldEnd = false;
            _next = next;

            // One after the other, apart from the copying: they go back to memory that librdkafka's threads take from at the same time, under a lock.
            for (int i = first; i < next; i++)
            {
                Librdkafka.DestroyMessage(taken[i]);
            }
        }

        return fits;
    }

    private void Note(NativeMessage* message)
    {
        if (message->Error == KafkaError.EndOfPartition)
        {
            // Told once for each end; between the last record and it lie only offsets without records.
            if (message->Offset >= Position)
            {
                Position = message->Offset;
                _toldEnd = true;
            }

            return;
        }

        var error = new KafkaError(message->Error, System.Text.Encoding.UTF8.GetString(message->Value));
        if (error.EndsReading)
        {
            Failure = error;
        }
        else
        {
            Trouble = error;
        }
    }

    private void DropTaken()
    {
        for (; _next < _count; _next++)
        {
            Librdkafka.DestroyMessage(_taken[_next]);
        }

        _next = _count = 0;
    }
}
