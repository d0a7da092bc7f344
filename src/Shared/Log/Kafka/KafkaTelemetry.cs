using Microsoft.Extensions.Logging;

namespace Lambda.Log.Kafka;

/// <summary>What the Kafka log tells operators. Event ids 1000 to 1999 are the ones of logs and never change their meaning.</summary>
internal static partial class KafkaTelemetry
{
    private const int ClientLineId = 1001;
    private const int GroupErrorId = 1010;
    private const int ConnectionTroubleId = 1012;
    private const int SyslogError = 3;
    private const int SyslogWarning = 4;
    private const int SyslogInformation = 6;

    /// <summary>Whether a message is of those that clients repeat for as long as a broker is down, each of them on its own.</summary>
    public static bool IsRepeatedByClients(EventId id) => id.Id is ClientLineId or GroupErrorId or ConnectionTroubleId;

    /// <summary>Passes on a line of librdkafka, whose levels are those of syslog.</summary>
    public static void Tell(ILogger logger, int level, string facility, string line)
    {
        LogLevel ours = level switch
        {
            <= SyslogError => LogLevel.Error,
            SyslogWarning => LogLevel.Warning,
            <= SyslogInformation => LogLevel.Information,
            _ => LogLevel.Debug,
        };
        ClientLine(logger, ours, facility, line);
    }

    [LoggerMessage(1002, LogLevel.Warning,
        "Stream '{Stream}': topic '{Topic}' keeps the times that producers give (message.timestamp.type=CreateTime). How far in the future an event "
        + "lies is then judged by its producer's clock. Set the topic to LogAppendTime to judge by the brokers'")]
    public static partial void ProducersGiveTheTime(ILogger logger, string stream, string topic);

    [LoggerMessage(1003, LogLevel.Information, "Stream '{Stream}': made topic '{Topic}' with {Partitions} partitions")]
    public static partial void TopicMade(ILogger logger, string stream, string topic, int partitions);

    [LoggerMessage(1004, LogLevel.Information, "Stream '{Stream}', partition {Partition}: the broker keeps its records ({Reason})")]
    public static partial void TrimRefused(ILogger logger, string stream, int partition, string reason);

    [LoggerMessage(1005, LogLevel.Error, "Kafka: the producer cannot go on and is replaced: {Reason}")]
    public static partial void ProducerReplaced(ILogger logger, string reason);

    [LoggerMessage(1006, LogLevel.Information, "Kafka group '{Group}': given {Partitions}")]
    public static partial void Assigned(ILogger logger, string group, string partitions);

    [LoggerMessage(1007, LogLevel.Information, "Kafka group '{Group}': gives back {Partitions}")]
    public static partial void Revoked(ILogger logger, string group, string partitions);

    [LoggerMessage(1008, LogLevel.Warning, "Kafka group '{Group}': has lost {Partitions}, as the group had not heard of this process for too long, or another has its name")]
    public static partial void Lost(ILogger logger, string group, string partitions);

    [LoggerMessage(1009, LogLevel.Warning,
        "Kafka group '{Group}': {Partitions} could not be given back within {Limit}; they go to somebody else all the same")]
    public static partial void RevokedTooSlowly(ILogger logger, string group, string partitions, TimeSpan limit);

    [LoggerMessage(GroupErrorId, LogLevel.Warning, "Kafka group '{Group}': {Reason}")]
    public static partial void GroupError(ILogger logger, string group, string reason);

    [LoggerMessage(1011, LogLevel.Information, "Stream '{Stream}': the settings of topic '{Topic}' cannot be looked at ({Reason})")]
    public static partial void SettingsUnknown(ILogger logger, string stream, string topic, string reason);

    [LoggerMessage(ConnectionTroubleId, LogLevel.Warning, "Kafka: {Reason}")]
    public static partial void ConnectionTrouble(ILogger logger, string reason);

    [LoggerMessage(1013, LogLevel.Warning,
        "Kafka group '{Group}': left without the brokers' knowing, as they do not answer; everything is given back all the same, and they learn of it when the "
        + "session times out")]
    public static partial void LeftWithoutWord(ILogger logger, string group);

    [LoggerMessage(1014, LogLevel.Warning,
        "Kafka group '{Group}': another process has joined by this one's name, '{Name}'. This one takes part anew by another name")]
    public static partial void Fenced(ILogger logger, string group, string name);

    [LoggerMessage(1015, LogLevel.Warning,
        "Kafka group '{Group}': other processes have joined by the names of this one {Times} times. It goes on without a name. See that the connections to PostgreSQL are not "
        + "shared by a pooler in transaction mode, and that no other store is a copy of this one")]
    public static partial void GoesOnWithoutName(ILogger logger, string group, int times);

    [LoggerMessage(1016, LogLevel.Information, "Kafka group '{Group}': a seat can be had after all. This process takes part anew by the name '{Name}'")]
    public static partial void JoinsByLateSeat(ILogger logger, string group, string name);

    [LoggerMessage(EventId = ClientLineId, Message = "librdkafka {Facility}: {Line}")]
    private static partial void ClientLine(ILogger logger, LogLevel level, string facility, string line);
}
