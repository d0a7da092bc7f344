using Lambda.Log.Kafka.Native;
using Microsoft.Extensions.Logging;

namespace Lambda.Log.Kafka.Appending;

/// <summary>Appends records of any number of callers by one producer.</summary>
internal sealed class KafkaAppender : IAsyncDisposable
{
    private readonly KafkaOptions _options;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly List<Task> _closing = [];
    private ProducerClient _producer;
    private bool _disposed;

    public KafkaAppender(KafkaOptions options, ILogger logger)
    {
        _options = options;
        _logger = logger;
        _producer = new ProducerClient(options, logger);
    }

    /// <inheritdoc cref="IEventLog.AppendAsync"/>
    public ValueTask AppendAsync(KafkaStream stream, RecordBatch records, CancellationToken cancellationToken)
    {
        CheckSizes(stream, records);
        return records.Count == 0 ? ValueTask.CompletedTask : new ValueTask(ProduceAsync(stream, records, cancellationToken));
    }

    /// <summary>Waits for the records that were handed over, and ends the producer.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _disposed = true;
        }

        await _producer.CloseAsync().ConfigureAwait(false);
        await Task.WhenAll(_closing).ConfigureAwait(false);
    }

    private async Task ProduceAsync(KafkaStream stream, RecordBatch records, CancellationToken cancellationToken)
    {
        ProducerClient producer = Enter();
        var call = new AppendCall(stream);
        try
        {
            KafkaTopicHandle topic = producer.Topic(stream.Topic);
            for (int next = 0; ;)
            {
                Task room = producer.RoomAsync();
                next = producer.Produce(topic, stream.AppendPartitions, records, next, call);
                if (next == records.Count || call.HasFailed)
                {
                    break;
                }

                if (next == 0 && producer.IsBroken)
                {
                    // It has taken nothing of this call, so another one can.
                    ProducerClient other = Enter();
                    producer.Leave();
                    producer = other;
                    topic = producer.Topic(stream.Topic);
                    continue;
                }

                await room.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            call.Close();
            producer.Leave();
        }

        await call.Done.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The producer for a call that begins to hand over records.</summary>
    private ProducerClient Enter()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(KafkaLog));
            if (_producer.IsBroken)
            {
                // What it still holds fails by itself; calls in progress are told so.
                _closing.Add(_producer.CloseAsync().AsTask());
                _producer = new ProducerClient(_options, _logger);
            }

            _producer.Enter();
            return _producer;
        }
    }

    private void CheckSizes(KafkaStream stream, RecordBatch records)
    {
        for (int i = 0; i < records.Count; i++)
        {
            int length = records.Key(i).Length + records.Value(i).Length;
            if (length > _options.MaxRecordBytes)
            {
                throw new RecordTooLargeException(
                    $"Stream '{stream.Name}': record {i} of the append has {length} bytes of key and value, and the log takes at most "
                    + $"{_options.MaxRecordBytes}. Nothing of the append was taken. Make the record smaller, or raise "
                    + $"{nameof(KafkaOptions)}.{nameof(KafkaOptions.MaxRecordBytes)}.");
            }
        }
    }
}
