using Lambda.Log.Kafka.Native;

namespace Lambda.Log.Kafka;

/// <summary>An error of librdkafka or of a broker.</summary>
/// <param name="Code">Its code; negative ones are librdkafka's own.</param>
/// <param name="Text">What it says.</param>
internal sealed record KafkaError(int Code, string Text)
{
    public const int EndOfPartition = -191;
    public const int QueueFull = -184;
    public const int Fatal = -150;
    private const int OffsetReset = -140;
    private const int TimedOut = -192;
    private const int UnknownTopic = -188;
    private const int UnknownPartition = -190;
    private const int BadMessage = -199;
    private const int BadCompression = -198;
    private const int UnsupportedCompression = 76;
    private const int CorruptMessage = 2;
    private const int UnknownTopicOrPartition = 3;
    private const int MessageTooLarge = 10;
    private const int TopicAuthorization = 29;
    private const int RecordListTooLarge = 18;
    private const int InvalidRecord = 87;
    private const int NotEnoughReplicas = 19;
    private const int NotEnoughReplicasAfterAppend = 20;

    /// <summary>What it says, with a point at its end.</summary>
    public string Sentence => $"{ToString().TrimEnd('.')}.";

    /// <summary>Whether the offset asked for is not, or no longer, in the partition.</summary>
    public bool IsOutOfRange => Code == OffsetReset;

    /// <summary>Whether a record, or the records that were sent together, are more than the topic takes.</summary>
    public bool IsTooLarge => Code is MessageTooLarge or RecordListTooLarge;

    /// <summary>Whether reading cannot go on at this place; other errors librdkafka tries again.</summary>
    public bool EndsReading => Code is OffsetReset or UnknownTopic or UnknownPartition or UnknownTopicOrPartition or BadMessage or BadCompression
        or UnsupportedCompression or CorruptMessage or TopicAuthorization or Fatal;

    /// <summary>What can be done about it.</summary>
    public string Remedy => Code switch
    {
        UnknownTopic or UnknownPartition or UnknownTopicOrPartition => "Check that the topic was not deleted and has all its partitions, and restart the process.",
        TopicAuthorization => "Allow this client's user to describe, read and write the topic.",
        BadMessage or CorruptMessage => "The record is damaged on the broker: bring the partition back from a copy.",
        BadCompression or UnsupportedCompression => "The records are compressed in a way this client cannot read: compress them otherwise.",
        MessageTooLarge or RecordListTooLarge =>
            $"Raise max.message.bytes of the topic, or lower {nameof(KafkaOptions)}.{nameof(KafkaOptions.MaxRecordBytes)} to what it takes.",
        InvalidRecord => "The topic does not take such records: a compacted one wants a key.",
        NotEnoughReplicas or NotEnoughReplicasAfterAppend => "Bring back the brokers that hold copies of the partition (min.insync.replicas).",
        TimedOut => "Check that the brokers run and can be reached, and append again; events that were taken all the same are known by their ids.",
        _ => "Check the brokers, and try again.",
    };

    public static KafkaError Of(int code) => new(code, Librdkafka.Describe(code));

    public override string ToString() => Text.Length > 0 ? Text : Librdkafka.Describe(Code);
}
