using Lambda.Log.Kafka.Native;
using Microsoft.Extensions.Logging;

namespace Lambda.Log.Kafka.Appending;

/// <summary>An idempotent producer, and the thread that hears from it which records are confirmed.</summary>
internal sealed class ProducerClient
{
    private const int ReportsAtOnce = 1024;
    private const int PollMilliseconds = 1000;

    // Of a record without bytes: librdkafka takes a value without address for no value, which would be a tombstone.
    private static readonly byte[] NoBytes = GC.AllocateArray<byte>(1, pinned: true);

    private readonly ILogger _logger;
    private readonly KafkaClientHandle _client;
    private readonly KafkaQueueHandle _events;
    private readonly Dictionary<string, KafkaTopicHandle> _topics = [];
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _unused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _room;
    private volatile bool _closing;
    private volatile bool _broken;

    // Calls that hand records over, and one more until the client is closed.
    private int _users = 1;

    public ProducerClient(KafkaOptions options, ILogger logger)
    {
        _logger = logger;
        _client = KafkaClientFactory.NewProducer(KafkaSettings.OfProducer(options), logger);
        _events = KafkaQueueHandle.Main(_client);

        // A thread of its own, because it spends its life waiting in librdkafka.
        new Thread(Run) { Name = "Lambda Kafka producer", IsBackground = true }.Start();
    }

    /// <summary>Whether it can append no more, and another must take its place.</summary>
    public bool IsBroken => _broken;

    /// <summary>A call begins to hand records over; the client stays open until it leaves. Not to be called after <see cref="CloseAsync"/>.</summary>
    public void Enter() => Interlocked.Increment(ref _users);

    public void Leave()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            _unused.SetResult();
        }
    }

    /// <summary>The client's handle of a topic.</summary>
    public KafkaTopicHandle Topic(string name)
    {
        lock (_lock)
        {
            if (!_topics.TryGetValue(name, out KafkaTopicHandle? topic))
            {
                topic = new KafkaTopicHandle(_client, name);
                _topics.Add(name, topic);
            }

            return topic;
        }
    }

    /// <summary>
    /// Hands records over, from <paramref name="first"/> on, in order. Returns how far it came: not to the end when there is no room, and no further than
    /// the first record when it is broken.
    /// </summary>
    public int Produce(KafkaTopicHandle topic, int partitions, RecordBatch records, int first, AppendCall call)
    {
        for (int i = first; i < records.Count; i++)
        {
            ReadOnlySpan<byte> key = records.Key(i);
            ReadOnlySpan<byte> value = records.Value(i);
            int partition = KeyPartitioner.Partition(key.IsEmpty ? value : key, partitions);
            call.Open();
            if (TryProduce(topic, partition, key, value, call.Opaque))
            {
                continue;
            }

            int error = Librdkafka.LastError();
            _broken |= error == KafkaError.Fatal;
            if (error == KafkaError.QueueFull || (error == KafkaError.Fatal && i == 0))
            {
                call.Close();
                return i;
            }

            call.Fail(partition, KafkaError.Of(error));
            return records.Count;
        }

        return records.Count;
    }

    /// <summary>Completes when room may have come up; to be asked for before the attempt that finds none.</summary>
    public Task RoomAsync()
    {
        lock (_lock)
        {
            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task;
        }
    }

    /// <summary>Waits for the calls that hand records over, finishes these records and ends the client; records time out where brokers do not answer.</summary>
    public async ValueTask CloseAsync()
    {
        Leave();
        await _unused.Task.ConfigureAwait(false);
        _closing = true;
        Librdkafka.Wake(_events);
        await _stopped.Task.ConfigureAwait(false);
        foreach (KafkaTopicHandle topic in _topics.Values)
        {
            topic.Dispose();
        }

        _events.Dispose();
        await Task.Run(_client.Dispose).ConfigureAwait(false);
    }

    private static unsafe bool TryProduce(KafkaTopicHandle topic, int partition, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, nint opaque)
    {
        if (value.IsEmpty)
        {
            value = NoBytes.AsSpan(0, 0);
        }

        // An empty key has no address either, which is what it is to be: none.
        fixed (byte* valueBytes = &System.Runtime.InteropServices.MemoryMarshal.GetReference(value))
        fixed (byte* keyBytes = key)
        {
            return Librdkafka.Produce(
                topic, partition, Librdkafka.CopyOnProduce, valueBytes, (nuint)value.Length, keyBytes, (nuint)key.Length, opaque) == 0;
        }
    }

    private unsafe void Run()
    {
        var messages = stackalloc NativeMessage*[ReportsAtOnce];
        while (!(_closing && Librdkafka.Outstanding(_client) == 0))
        {
            nint happened = Librdkafka.Poll(_events, _closing ? PollMilliseconds / 20 : PollMilliseconds);
            if (happened == 0)
            {
                continue;
            }

            switch (Librdkafka.EventType(happened))
            {
                case Librdkafka.DeliveryReports:
                    Report(happened, messages);
                    break;
                case Librdkafka.Errors:
                    Note(new KafkaError(Librdkafka.EventError(happened), Librdkafka.Text(Librdkafka.EventErrorText(happened))));
                    break;
            }

            Librdkafka.DestroyEvent(happened);
        }

        _stopped.SetResult();
    }

    private unsafe void Report(nint happened, NativeMessage** messages)
    {
        for (int count; (count = (int)Librdkafka.EventMessages(happened, messages, ReportsAtOnce)) > 0;)
        {
            for (int i = 0; i < count; i++)
            {
                NativeMessage* message = messages[i];
                var call = AppendCall.Of(message->Opaque);
                if (message->Error == 0)
                {
                    call.Confirm(message->Partition, message->Offset);
                }
                else
                {
                    _broken |= message->Error == KafkaError.Fatal;
                    call.Fail(message->Partition, KafkaError.Of(message->Error));
                }
            }
        }

        TaskCompletionSource? room;
        lock (_lock)
        {
            room = _room;
            _room = null;
        }

        room?.SetResult();
    }

    private void Note(KafkaError error)
    {
        if (error.Code == KafkaError.Fatal)
        {
            _broken = true;
            KafkaTelemetry.ProducerReplaced(_logger, error.ToString());
        }
        else
        {
            KafkaTelemetry.ConnectionTrouble(_logger, error.ToString());
        }
    }
}
