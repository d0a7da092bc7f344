using System.Runtime.InteropServices;

namespace Lambda.Log.Kafka.Native;

/// <summary>A configuration that no client has taken over yet.</summary>
internal sealed class KafkaConfigurationHandle : SafeHandle
{
    public KafkaConfigurationHandle()
        : base(0, ownsHandle: true) => SetHandle(Librdkafka.NewConfiguration());

    public override bool IsInvalid => handle == 0;

    /// <summary>Gives the configuration to a client that was made of it.</summary>
    public void GiveAway() => SetHandleAsInvalid();

    protected override bool ReleaseHandle()
    {
        Librdkafka.DestroyConfiguration(handle);
        return true;
    }
}

/// <summary>A client with its connections and threads.</summary>
internal sealed class KafkaClientHandle : SafeHandle
{
    private readonly GCHandle _logger;

    /// <summary>Takes over a client and what its log calls are given.</summary>
    public KafkaClientHandle(nint client, GCHandle logger)
        : base(0, ownsHandle: true)
    {
        _logger = logger;
        SetHandle(client);
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        Librdkafka.DestroyClient(handle);
        _logger.Free();
        return true;
    }
}

/// <summary>A part of a client, which cannot go before it.</summary>
internal abstract class KafkaPartHandle : SafeHandle
{
    private readonly KafkaClientHandle _client;

    protected KafkaPartHandle(KafkaClientHandle client)
        : base(0, ownsHandle: true)
    {
        bool referenced = false;
        client.DangerousAddRef(ref referenced);
        _client = client;
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        Destroy();
        _client.DangerousRelease();
        return true;
    }

    protected abstract void Destroy();
}

/// <summary>A topic, as a client knows it.</summary>
internal sealed class KafkaTopicHandle : KafkaPartHandle
{
    public KafkaTopicHandle(KafkaClientHandle client, string topic)
        : base(client) => SetHandle(Librdkafka.NewTopic(client, topic, 0));

    protected override void Destroy() => Librdkafka.DestroyTopic(handle);
}

/// <summary>A queue of messages or events.</summary>
internal sealed class KafkaQueueHandle : KafkaPartHandle
{
    private KafkaQueueHandle(KafkaClientHandle client, nint queue)
        : base(client) => SetHandle(queue);

    /// <summary>A queue for messages of partitions.</summary>
    public static KafkaQueueHandle New(KafkaClientHandle client) => new(client, Librdkafka.NewQueue(client));

    /// <summary>The queue in which a client tells what happened.</summary>
    public static KafkaQueueHandle Main(KafkaClientHandle client) => new(client, Librdkafka.MainQueue(client));

    protected override void Destroy() => Librdkafka.DestroyQueue(handle);
}
