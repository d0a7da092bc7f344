using Lambda.Log.Kafka.Native;

namespace Lambda.Log.Kafka;

/// <summary>Which brokers hold the streams, and how they are read and written. Checked when a log or a group is made of it.</summary>
public sealed record KafkaOptions
{
    private static readonly TimeSpan ShortestTimeout = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromHours(1);

    /// <summary>Some of the brokers, as <c>host:port,host:port</c>; the others are found by them.</summary>
    public required string BootstrapServers { get; init; }

    /// <summary>What comes before a stream's name in the name of its topic.</summary>
    public string TopicPrefix { get; init; } = "";

    /// <summary>Topics of streams that are not called by prefix and name.</summary>
    public IReadOnlyDictionary<string, string> Topics { get; init; } = new Dictionary<string, string>();

    /// <summary>How many brokers hold each record of a topic that is created; null leaves it to the brokers.</summary>
    public short? ReplicationFactor { get; init; }

    /// <summary>Settings of topics that are created, such as <c>retention.ms</c>, by Kafka's names.</summary>
    public IReadOnlyDictionary<string, string> TopicSettings { get; init; } = new Dictionary<string, string>();

    /// <summary>The consumer group by which processes share the partitions; the same in all processes that do.</summary>
    public string GroupId { get; init; } = "lambda";

    /// <summary>How the group agrees on who gets what.</summary>
    public KafkaGroupProtocol GroupProtocol { get; init; } = KafkaGroupProtocol.Cooperative;

    /// <summary>After what time without a sign of life a member's partitions go to others. With <see cref="KafkaGroupProtocol.Broker"/> the broker says.</summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the others wait at most until a member has given partitions back.</summary>
    public TimeSpan RevokeTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The largest record, key and value together, in bytes. Larger ones are refused.</summary>
    public int MaxRecordBytes { get; init; } = 1_000_000;

    /// <summary>After what time a record that no broker has confirmed is given up, and its append fails.</summary>
    public TimeSpan AppendTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long brokers may take to answer anything else before the call fails.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many bytes of records that are not confirmed yet the log holds; further appends wait.</summary>
    public int AppendBufferBytes { get; init; } = 64 << 20;

    /// <summary>How many bytes a reader of a partition fetches ahead.</summary>
    public int PrefetchBytes { get; init; } = 16 << 20;

    /// <summary>Settings of librdkafka for all connections, such as <c>security.protocol</c>, by librdkafka's names.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Settings of librdkafka for reading only.</summary>
    public IReadOnlyDictionary<string, string> ConsumerSettings { get; init; } = new Dictionary<string, string>();

    /// <summary>Settings of librdkafka for appending only.</summary>
    public IReadOnlyDictionary<string, string> ProducerSettings { get; init; } = new Dictionary<string, string>();

    /// <summary>The topic that holds a stream.</summary>
    internal string TopicOf(string stream) => Topics.TryGetValue(stream, out string? topic) ? topic : TopicPrefix + stream;

    /// <exception cref="EventLogException">An option or a setting of librdkafka is wrong.</exception>
    internal void Validate()
    {
        if (string.IsNullOrWhiteSpace(BootstrapServers))
        {
            throw Wrong(nameof(BootstrapServers), "is empty; name at least one broker as host:port");
        }

        if (string.IsNullOrWhiteSpace(GroupId))
        {
            throw Wrong(nameof(GroupId), "is empty; give all processes that share the work the same one");
        }

        if (TopicPrefix.Length > 0 && !StreamName.IsValid(TopicPrefix))
        {
            throw Wrong(nameof(TopicPrefix), $"is '{TopicPrefix}', which cannot begin the name of a topic");
        }

        if (Topics.FirstOrDefault(topic => !StreamName.IsValid(topic.Value)) is { Key: { } stream, Value: var name })
        {
            throw Wrong(nameof(Topics), $"has '{name}' for the stream '{stream}', which cannot be the name of a topic");
        }

        if (ReplicationFactor is < 1)
        {
            throw Wrong(nameof(ReplicationFactor), $"is {ReplicationFactor}; it must be at least 1, or null for what the brokers are set to");
        }

        if (!Enum.IsDefined(GroupProtocol))
        {
            throw Wrong(nameof(GroupProtocol), $"is {GroupProtocol}; it must be one of {string.Join(", ", Enum.GetNames<KafkaGroupProtocol>())}");
        }

        CheckRange(nameof(MaxRecordBytes), MaxRecordBytes, 1, 500_000_000);
        CheckRange(nameof(AppendBufferBytes), AppendBufferBytes, 1 << 20, int.MaxValue);
        CheckRange(nameof(PrefetchBytes), PrefetchBytes, 1 << 16, 1 << 30);
        CheckTimeout(nameof(SessionTimeout), SessionTimeout);
        CheckTimeout(nameof(RevokeTimeout), RevokeTimeout);
        CheckTimeout(nameof(AppendTimeout), AppendTimeout);
        CheckTimeout(nameof(RequestTimeout), RequestTimeout);
        KafkaClientFactory.Check(KafkaSettings.OfProducer(this));
        KafkaClientFactory.Check(KafkaSettings.OfReader(this));
        KafkaClientFactory.Check(KafkaSettings.OfGroupMember(this, name: null));
    }

    private static void CheckRange(string option, long value, long min, long max)
    {
        if (value < min || value > max)
        {
            throw Wrong(option, $"is {value}; it must be between {min} and {max}");
        }
    }

    private static void CheckTimeout(string option, TimeSpan value)
    {
        if (value < ShortestTimeout || value > LongestTimeout)
        {
            throw Wrong(option, $"is {value}; it must be between {ShortestTimeout} and {LongestTimeout}");
        }
    }

    private static EventLogException Wrong(string option, string problem) => new($"{nameof(KafkaOptions)}.{option} {problem}.");
}

/// <summary>How the members of a consumer group come to their partitions.</summary>
public enum KafkaGroupProtocol
{
    /// <summary>The members agree among themselves, and only those partitions stop that move. Every broker knows it.</summary>
    Cooperative,

    /// <summary>The broker decides (<c>group.protocol=consumer</c>), which disturbs fewer members; since Kafka 4.0.</summary>
    Broker,
}
