using System.Reflection;
using System.Runtime.InteropServices;

namespace Lambda.Log.Kafka.Native;

/// <summary>
/// The functions of librdkafka that the log calls itself, over the library that Confluent.Kafka brings along: its own API makes several objects
/// for every record. Functions that take a message or an event work on what librdkafka owns; everything that must be given back is a handle.
/// </summary>
internal static unsafe partial class Librdkafka
{
    public const int ConsumerClient = 1;
    public const int ProducerClient = 0;
    public const int SettingAccepted = 0;
    public const int DeliveryReports = 0x1;
    public const int Errors = 0x8;
    public const int CopyOnProduce = 0x2;
    private const int DestroyWithoutLeaving = 0x8;
    private const string Library = "librdkafka";

    // Confluent.Kafka brings several builds and tries them in this order; so the process holds one.
    private static readonly string[] Builds = ["librdkafka", "centos8-librdkafka", "alpine-librdkafka"];

    // The resolver must be there before the first call, whichever that is.
    static Librdkafka() => NativeLibrary.SetDllImportResolver(typeof(Librdkafka).Assembly, Resolve);

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_new")]
    public static partial nint NewConfiguration();

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_destroy")]
    public static partial void DestroyConfiguration(nint configuration);

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_set", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Set(KafkaConfigurationHandle configuration, string name, string value, byte* error, nuint errorSize);

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_set_events")]
    public static partial void SetEvents(KafkaConfigurationHandle configuration, int events);

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_set_opaque")]
    public static partial void SetOpaque(KafkaConfigurationHandle configuration, nint opaque);

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_set_log_cb")]
    public static partial void SetLogCallback(
        KafkaConfigurationHandle configuration, delegate* unmanaged[Cdecl]<nint, int, byte*, byte*, void> callback);

    [LibraryImport(Library, EntryPoint = "rd_kafka_new")]
    public static partial nint NewClient(int kind, nint configuration, byte* error, nuint errorSize);

    [LibraryImport(Library, EntryPoint = "rd_kafka_opaque")]
    public static partial nint Opaque(nint client);

    /// <summary>How many produced messages and events are on their way or not yet fetched.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_outq_len")]
    public static partial int Outstanding(KafkaClientHandle client);

    [LibraryImport(Library, EntryPoint = "rd_kafka_topic_new", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint NewTopic(KafkaClientHandle client, string topic, nint configuration);

    [LibraryImport(Library, EntryPoint = "rd_kafka_topic_destroy")]
    public static partial void DestroyTopic(nint topic);

    [LibraryImport(Library, EntryPoint = "rd_kafka_queue_new")]
    public static partial nint NewQueue(KafkaClientHandle client);

    [LibraryImport(Library, EntryPoint = "rd_kafka_queue_get_main")]
    public static partial nint MainQueue(KafkaClientHandle client);

    [LibraryImport(Library, EntryPoint = "rd_kafka_queue_destroy")]
    public static partial void DestroyQueue(nint queue);

    [LibraryImport(Library, EntryPoint = "rd_kafka_queue_yield")]
    public static partial void Wake(KafkaQueueHandle queue);

    [LibraryImport(Library, EntryPoint = "rd_kafka_queue_cb_event_enable")]
    public static partial void SetArrivalCallback(KafkaQueueHandle queue, delegate* unmanaged[Cdecl]<nint, nint, void> callback, nint opaque);

    [LibraryImport(Library, EntryPoint = "rd_kafka_queue_poll")]
    public static partial nint Poll(KafkaQueueHandle queue, int timeoutMilliseconds);

    [LibraryImport(Library, EntryPoint = "rd_kafka_event_type")]
    public static partial int EventType(nint happened);

    [LibraryImport(Library, EntryPoint = "rd_kafka_event_error")]
    public static partial int EventError(nint happened);

    [LibraryImport(Library, EntryPoint = "rd_kafka_event_error_string")]
    public static partial byte* EventErrorText(nint happened);

    [LibraryImport(Library, EntryPoint = "rd_kafka_event_message_array")]
    public static partial nuint EventMessages(nint happened, NativeMessage** messages, nuint size);

    [LibraryImport(Library, EntryPoint = "rd_kafka_event_destroy")]
    public static partial void DestroyEvent(nint happened);

    [LibraryImport(Library, EntryPoint = "rd_kafka_consume_start_queue")]
    public static partial int StartReading(KafkaTopicHandle topic, int partition, long offset, KafkaQueueHandle queue);

    [LibraryImport(Library, EntryPoint = "rd_kafka_consume_stop")]
    public static partial int StopReading(KafkaTopicHandle topic, int partition);

    [LibraryImport(Library, EntryPoint = "rd_kafka_consume_batch_queue")]
    public static partial nint TakeMessages(KafkaQueueHandle queue, int timeoutMilliseconds, NativeMessage** messages, nuint size);

    /// <summary>When the record was made or appended, in milliseconds since 1970; −1 when the topic does not say.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_message_timestamp")]
    [SuppressGCTransition]
    public static partial long Timestamp(NativeMessage* message, int* kind);

    [LibraryImport(Library, EntryPoint = "rd_kafka_message_destroy")]
    public static partial void DestroyMessage(NativeMessage* message);

    /// <summary>What the last response to a fetch said of the partition's first offset and the one behind its last record; no request is made.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_get_watermark_offsets", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int LastKnownOffsets(KafkaClientHandle client, string topic, int partition, out long low, out long high);

    [LibraryImport(Library, EntryPoint = "rd_kafka_produce")]
    public static partial int Produce(
        KafkaTopicHandle topic, int partition, int flags, byte* value, nuint valueLength, byte* key, nuint keyLength, nint opaque);

    /// <summary>The error of the function before it on this thread.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_last_error")]
    public static partial int LastError();

    [LibraryImport(Library, EntryPoint = "rd_kafka_err2str")]
    private static partial byte* ErrorText(int error);

    /// <summary>What librdkafka says an error code means.</summary>
    public static string Describe(int error) => Text(ErrorText(error));

    public static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";

    /// <summary>Ends a client; what it still holds is given up.</summary>
    public static void DestroyClient(nint client) => DestroyClient(client, DestroyWithoutLeaving);

    [LibraryImport(Library, EntryPoint = "rd_kafka_destroy_flags")]
    private static partial void DestroyClient(nint client, int flags);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name == Library)
        {
            foreach (string build in Builds)
            {
                if (NativeLibrary.TryLoad(build, assembly, path, out nint library))
                {
                    return library;
                }
            }
        }

        return 0;
    }
}
