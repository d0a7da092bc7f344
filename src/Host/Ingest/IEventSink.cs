using Lambda.Log;

namespace Lambda.Hosting.Ingest;

/// <summary>Takes records into a stream: into the log itself, or through the server that holds it.</summary>
internal interface IEventSink
{
    /// <summary>Appends records; completes when they are durable.</summary>
    ValueTask AppendAsync(RecordBatch records, CancellationToken cancellationToken);
}

/// <summary>Appends to a log that this process holds.</summary>
internal sealed class LogSink(IEventLog log, string stream) : IEventSink
{
    public ValueTask AppendAsync(RecordBatch records, CancellationToken cancellationToken) => log.AppendAsync(stream, records, cancellationToken);
}
