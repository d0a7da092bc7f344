using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Lambda.Log.Kafka.Native;

/// <summary>Makes clients of librdkafka whose log lines go to a logger.</summary>
internal static unsafe class KafkaClientFactory
{
    private const int ErrorTextSize = 512;

    /// <summary>A client that reads.</summary>
    /// <exception cref="EventLogException">librdkafka does not take the settings.</exception>
    public static KafkaClientHandle NewConsumer(IReadOnlyDictionary<string, string> settings, ILogger logger) =>
        New(Librdkafka.ConsumerClient, settings, events: 0, logger);

    /// <summary>A client that writes; it tells of deliveries and errors in its main queue.</summary>
    /// <exception cref="EventLogException">librdkafka does not take the settings.</exception>
    public static KafkaClientHandle NewProducer(IReadOnlyDictionary<string, string> settings, ILogger logger) =>
        New(Librdkafka.ProducerClient, settings, Librdkafka.DeliveryReports | Librdkafka.Errors, logger);

    /// <summary>Finds out whether librdkafka takes the settings, without making a client.</summary>
    /// <exception cref="EventLogException">It does not; the message is librdkafka's.</exception>
    public static void Check(IReadOnlyDictionary<string, string> settings) => Configure(settings).Dispose();

    private static KafkaClientHandle New(int kind, IReadOnlyDictionary<string, string> settings, int events, ILogger logger)
    {
        using KafkaConfigurationHandle configuration = Configure(settings);
        Librdkafka.SetEvents(configuration, events);
        Librdkafka.SetLogCallback(configuration, &OnLog);
        GCHandle sink = GCHandle.Alloc(logger);
        Librdkafka.SetOpaque(configuration, GCHandle.ToIntPtr(sink));

        byte* error = stackalloc byte[ErrorTextSize];
        nint client = Librdkafka.NewClient(kind, configuration.DangerousGetHandle(), error, ErrorTextSize);
        if (client == 0)
        {
            sink.Free();
            throw new EventLogException($"Kafka: the settings cannot be used together: {Librdkafka.Text(error)}");
        }

        configuration.GiveAway();
        return new KafkaClientHandle(client, sink);
    }

    private static KafkaConfigurationHandle Configure(IReadOnlyDictionary<string, string> settings)
    {
        var configuration = new KafkaConfigurationHandle();
        byte* error = stackalloc byte[ErrorTextSize];
        foreach ((string name, string value) in settings)
        {
            if (Librdkafka.Set(configuration, name, value, error, ErrorTextSize) != Librdkafka.SettingAccepted)
            {
                configuration.Dispose();
                throw new EventLogException($"Kafka: the setting '{name}' is refused by librdkafka: {Librdkafka.Text(error)}. Correct or remove it.");
            }
        }

        return configuration;
    }

    // Called by librdkafka's threads, where an exception would end the process.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnLog(nint client, int level, byte* facility, byte* line)
    {
        try
        {
            if (client != 0 && Librdkafka.Opaque(client) is not 0 and nint sink && GCHandle.FromIntPtr(sink).Target is ILogger logger)
            {
                KafkaTelemetry.Tell(logger, level, Librdkafka.Text(facility), Librdkafka.Text(line));
            }
        }
        catch (Exception)
        {
            // What a logger throws is its own; there is nobody here to tell.
        }
    }
}
