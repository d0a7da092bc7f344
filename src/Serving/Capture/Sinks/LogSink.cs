using Lambda.Log;

namespace Lambda.Capture.Sinks;

/// <summary>Appends events to an event log, which is opened when the first of them are sent.</summary>
/// <param name="open">Gives the log. What it throws is a failure of the sink, which is tried again.</param>
/// <param name="owns">Whether the log is closed with the sink.</param>
/// <param name="partitions">How many partitions the stream gets if it does not exist.</param>
internal sealed class LogSink(Func<IEventLog> open, bool owns, int partitions) : ICaptureSink
{
    private IEventLog? _log;
    private bool _isStreamThere;

    public async ValueTask<SinkAnswer> SendAsync(string stream, RecordBatch events, CancellationToken cancellationToken)
    {
        _log ??= open();
        if (!_isStreamThere)
        {
            await _log.EnsureStreamAsync(stream, partitions, cancellationToken).ConfigureAwait(false);
            _isStreamThere = true;
        }

        await _log.AppendAsync(stream, events, cancellationToken).ConfigureAwait(false);
        return default;
    }

    public ValueTask DisposeAsync() => owns && _log is { } log ? log.DisposeAsync() : ValueTask.CompletedTask;
}
