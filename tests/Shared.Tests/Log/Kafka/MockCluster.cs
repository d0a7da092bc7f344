using System.Runtime.InteropServices;
using Lambda.Log.Kafka.Native;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lambda.Tests.Log.Kafka;

/// <summary>librdkafka's brokers in memory, which fail on command. They keep some megabytes of each partition and know no transactions.</summary>
internal sealed unsafe partial class MockCluster : IDisposable
{
    public const short ProduceRequest = 0;
    public const short FetchRequest = 1;
    public const short OffsetsRequest = 2;
    public const short MetadataRequest = 3;
    private const string Library = "librdkafka";

    private readonly KafkaClientHandle _client;
    private readonly nint _cluster;

    static MockCluster() => NativeLibrary.SetDllImportResolver(
        typeof(MockCluster).Assembly,
        (name, assembly, path) => name == Library && (NativeLibrary.TryLoad(name, typeof(Librdkafka).Assembly, path, out nint library)
            || NativeLibrary.TryLoad("centos8-librdkafka", typeof(Librdkafka).Assembly, path, out library)) ? library : 0);

    public MockCluster(int brokers)
    {
        // The client of the cluster is not used for anything else; its threads are the brokers.
        _client = KafkaClientFactory.NewProducer(new Dictionary<string, string> { ["test.mock.num.brokers"] = $"{brokers}" }, NullLogger.Instance);
        _cluster = Cluster(_client);
    }

    public string Bootstrap => Librdkafka.Text(Bootstraps(_cluster));

    public void CreateTopic(string topic, int partitions, int replicas) => Check(TopicCreate(_cluster, topic, partitions, replicas));

    /// <summary>The next requests of that kind get these errors, one after the other.</summary>
    public void FailNext(short request, params int[] errors)
    {
        fixed (int* first = errors)
        {
            PushErrors(_cluster, request, (nuint)errors.Length, first);
        }
    }

    public void TakeDown(int broker) => Check(SetDown(_cluster, broker));

    public void BringUp(int broker) => Check(SetUp(_cluster, broker));

    public void AnswerAfter(int broker, int milliseconds) => Check(SetRoundTrip(_cluster, broker, milliseconds));

    public void Lead(string topic, int partition, int broker) => Check(SetLeader(_cluster, topic, partition, broker));

    public void Dispose() => _client.Dispose();

    private static void Check(int error)
    {
        if (error != 0)
        {
            throw new InvalidOperationException(Librdkafka.Describe(error));
        }
    }

    [LibraryImport(Library, EntryPoint = "rd_kafka_handle_mock_cluster")]
    private static partial nint Cluster(KafkaClientHandle client);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_bootstraps")]
    private static partial byte* Bootstraps(nint cluster);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_topic_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int TopicCreate(nint cluster, string topic, int partitions, int replicas);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_push_request_errors_array")]
    private static partial void PushErrors(nint cluster, short request, nuint count, int* errors);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_set_down")]
    private static partial int SetDown(nint cluster, int broker);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_set_up")]
    private static partial int SetUp(nint cluster, int broker);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_set_rtt")]
    private static partial int SetRoundTrip(nint cluster, int broker, int milliseconds);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_partition_set_leader", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetLeader(nint cluster, string topic, int partition, int broker);
}
