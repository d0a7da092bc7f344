using System.Globalization;

namespace Lambda.Log.Kafka;

/// <summary>
/// The settings of librdkafka for each kind of client: what the log's promises rest on, which cannot be overridden; defaults that are tuned for it;
/// and what the user gives.
/// </summary>
internal static class KafkaSettings
{
    private const string MemberName = "group.instance.id";

    // Of what a produced message takes beside key and value; the broker's limit is on the batch it lies in.
    private const int MessageOverheadBytes = 1024;
    private const int FetchBytes = 4 << 20;

    // What librdkafka takes for each record that waits to be read, beside its key and value, which alone it counts against queued.max.messages.kbytes.
    private const int FetchedRecordBytes = 400;

    private static readonly Dictionary<string, string> ProducerPromises = new()
    {
        ["enable.idempotence"] = "true",
        ["acks"] = "all",
    };

    private static readonly Dictionary<string, string> ReaderPromises = new()
    {
        ["isolation.level"] = "read_committed",
        ["enable.partition.eof"] = "true",
        ["auto.offset.reset"] = "error",
        ["enable.auto.commit"] = "false",
        ["enable.auto.offset.store"] = "false",
        ["allow.auto.create.topics"] = "false",
    };

    private static readonly Dictionary<string, string> MemberPromises = new()
    {
        ["enable.auto.commit"] = "true",
        ["enable.auto.offset.store"] = "false",
        ["allow.auto.create.topics"] = "false",
    };

    // Members learn by the answer to a heartbeat that partitions are to move, and the others wait for the last of them.
    private static readonly TimeSpan LongestHeartbeat = TimeSpan.FromSeconds(1);

    // Have an option of their own. "request.required.acks" and its like are other names of settings above.
    private static readonly string[] OptionsInstead =
        ["bootstrap.servers", "metadata.broker.list", "group.id", "group.protocol", "session.timeout.ms", "max.poll.interval.ms", "partition.assignment.strategy",
            "message.timeout.ms", "delivery.timeout.ms", "message.max.bytes", "queue.buffering.max.kbytes", "queued.max.messages.kbytes", "request.required.acks"];

    // With it librdkafka takes only records of transactions, which the log does not begin.
    private const string Transactions = "transactional.id";

    /// <exception cref="EventLogException">A setting of the user would break what the log promises.</exception>
    public static IReadOnlyDictionary<string, string> OfProducer(KafkaOptions options)
    {
        Dictionary<string, string> settings = Common(options);
        settings["linger.ms"] = "1";
        settings["batch.size"] = Text(1 << 20);
        settings["batch.num.messages"] = "100000";
        settings["queue.buffering.max.messages"] = "1000000";
        // A record that is larger than all that may wait would wait for room for ever.
        settings["queue.buffering.max.kbytes"] = Text(Math.Max(options.AppendBufferBytes >> 10, (options.MaxRecordBytes >> 10) + 1));
        settings["message.timeout.ms"] = Text(options.AppendTimeout);
        settings["message.max.bytes"] = Text(options.MaxRecordBytes + MessageOverheadBytes);
        return Overlay(settings, ProducerPromises, options.Settings, options.ProducerSettings);
    }

    /// <exception cref="EventLogException">A setting of the user would break what the log promises.</exception>
    public static IReadOnlyDictionary<string, string> OfReader(KafkaOptions options)
    {
        Dictionary<string, string> settings = Common(options);

        // A broker answers one fetch after the other: what a reader that begins waits for, and how late it learns that only markers are left.
        settings["fetch.wait.max.ms"] = "100";
        settings["fetch.message.max.bytes"] = Text(Math.Min(FetchBytes, options.PrefetchBytes));

        // The default makes a reader whose buffer was full for a moment pause for a second.
        settings["fetch.queue.backoff.ms"] = "2";
        settings["fetch.error.backoff.ms"] = "50";

        // More is fetched while there are fewer records than the one and fewer bytes than the other: small ones are bound by their number.
        settings["queued.min.messages"] = Text(options.PrefetchBytes / FetchedRecordBytes);
        settings["queued.max.messages.kbytes"] = Text(options.PrefetchBytes >> 10);
        return Overlay(settings, ReaderPromises, options.Settings, options.ConsumerSettings);
    }

    /// <summary>
    /// Whether members need a name that nobody has given them. With <see cref="KafkaGroupProtocol.Broker"/> none is wanted: one with a name cannot leave such a group.
    /// </summary>
    public static bool LacksMemberName(KafkaOptions options) => options.GroupProtocol == KafkaGroupProtocol.Cooperative
        && !options.Settings.ContainsKey(MemberName) && !options.ConsumerSettings.ContainsKey(MemberName);

    /// <param name="options">What the user has set.</param>
    /// <param name="name">A name for the member where the user gives none; null for a member without.</param>
    /// <exception cref="EventLogException">A setting of the user would break what the log promises.</exception>
    public static IReadOnlyDictionary<string, string> OfGroupMember(KafkaOptions options, string? name)
    {
        Dictionary<string, string> settings = Common(options);
        settings["group.id"] = options.GroupId;
        settings["auto.commit.interval.ms"] = "1000";
        if (name is not null)
        {
            settings[MemberName] = name;
        }

        // A member is to fetch nothing; what it asks for in the moment before its partitions are paused is kept to a batch.
        settings["fetch.message.max.bytes"] = "1";
        settings["queued.min.messages"] = "1";

        // How soon partitions that a topic gets are given to somebody; by default after five minutes.
        settings["topic.metadata.refresh.interval.ms"] = "30000";

        // While partitions are given back nothing is polled; twice the limit leaves room for what comes before and behind.
        settings["max.poll.interval.ms"] = Text(Max(options.RevokeTimeout * 2, options.SessionTimeout));
        if (options.GroupProtocol == KafkaGroupProtocol.Broker)
        {
            settings["group.protocol"] = "consumer";
        }
        else
        {
            settings["partition.assignment.strategy"] = "cooperative-sticky";
            settings["session.timeout.ms"] = Text(options.SessionTimeout);
            settings["heartbeat.interval.ms"] = Text(Min(options.SessionTimeout / 5, LongestHeartbeat));
        }

        return Overlay(settings, MemberPromises, options.Settings, options.ConsumerSettings);
    }

    /// <summary>For questions to the brokers.</summary>
    public static IReadOnlyDictionary<string, string> OfAdministration(KafkaOptions options)
    {
        Dictionary<string, string> settings = Common(options);

        // A client that only asks never learns by itself that a partition has got a new leader, or the old one anew as after a restart, and is refused for as
        // long as it believes what it knows: a quarter of an hour by default.
        settings["metadata.max.age.ms"] = "1000";
        return Overlay(settings, [], options.Settings, new Dictionary<string, string>());
    }

    private static Dictionary<string, string> Common(KafkaOptions options) => new()
    {
        ["bootstrap.servers"] = options.BootstrapServers,
        ["client.id"] = "lambda",
        ["log.connection.close"] = "false",

        // The default lets a client notice only after ten seconds that a broker is back.
        ["reconnect.backoff.ms"] = "50",
        ["reconnect.backoff.max.ms"] = "1000",
    };

    private static Dictionary<string, string> Overlay(
        Dictionary<string, string> settings, Dictionary<string, string> promises, params ReadOnlySpan<IReadOnlyDictionary<string, string>> given)
    {
        foreach (IReadOnlyDictionary<string, string> own in given)
        {
            foreach ((string name, string value) in own)
            {
                if (ProducerPromises.ContainsKey(name) || ReaderPromises.ContainsKey(name) || name == Transactions)
                {
                    throw new EventLogException($"Kafka: the setting '{name}' cannot be given: the log's promises rest on it. Remove it.");
                }

                if (OptionsInstead.Contains(name, StringComparer.Ordinal))
                {
                    throw new EventLogException($"Kafka: the setting '{name}' cannot be given among librdkafka's. Use the option of {nameof(KafkaOptions)} for it.");
                }

                settings[name] = value;
            }
        }

        foreach ((string name, string value) in promises)
        {
            settings[name] = value;
        }

        return settings;
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static string Text(TimeSpan time) => Text((int)time.TotalMilliseconds);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
