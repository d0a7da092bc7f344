using Confluent.Kafka;

namespace Lambda.Log.Kafka;

/// <summary>
/// What was last heard of the connections to the brokers. A request that gets no answer says only that: why no connection comes about, such as a wrong password or
/// a certificate that nobody vouches for, librdkafka tells apart from it.
/// </summary>
internal sealed class KafkaConnection(KafkaOptions options, TimeProvider time)
{
    private readonly Lock _lock = new();
    private (string Reason, long At)? _last;

    /// <summary>Takes note of an error of a client's connection.</summary>
    public void Note(Error error)
    {
        // That all brokers are down follows each error that says why.
        if (error.Code == ErrorCode.Local_AllBrokersDown)
        {
            return;
        }

        lock (_lock)
        {
            _last = (error.Reason, time.GetTimestamp());
        }
    }

    /// <summary>Why a request may have got no answer, and what can be done about it; null when the brokers did answer.</summary>
    public string? Explain(Error error)
    {
        if (error.Code is not (ErrorCode.Local_TimedOut or ErrorCode.Local_Transport or ErrorCode.Local_AllBrokersDown or ErrorCode.Local_TimedOutQueue))
        {
            return null;
        }

        lock (_lock)
        {
            string heard = _last is { } last && time.GetElapsedTime(last.At) <= options.RequestTimeout * 2
                ? $"The last that was heard of the connections to {options.BootstrapServers}: {last.Reason.TrimEnd('.')}."
                : $"No connection to {options.BootstrapServers} has reported an error.";
            return $"{heard} Check that the brokers run and can be reached, and the settings of SASL and TLS.";
        }
    }
}
