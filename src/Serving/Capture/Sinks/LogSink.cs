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

        return await SendAsync(_log, stream, events, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => owns && _log is { } log ? log.DisposeAsync() : ValueTask.CompletedTask;

    /// <summary>Appends all but what is too large for the log, which is found by halves: it may be the topic's limit, which only the brokers know.</summary>
    private static async ValueTask<SinkAnswer> SendAsync(IEventLog log, string stream, RecordBatch events, CancellationToken cancellationToken)
    {
        try
        {
            await log.AppendAsync(stream, events, cancellationToken).ConfigureAwait(false);
            return default;
        }
        catch (RecordTooLargeException error) when (events.Count == 1)
        {
            return new SinkAnswer(1, error.Message);
        }
        catch (RecordTooLargeException)
        {
            // Some of several is too large.
        }

        int half = events.Count / 2;
        SinkAnswer one = await SendAsync(log, stream, events, 0..half, cancellationToken).ConfigureAwait(false);
        SinkAnswer other = await SendAsync(log, stream, events, half..events.Count, cancellationToken).ConfigureAwait(false);
        return new SinkAnswer(one.Refused + other.Refused, one.Why ?? other.Why);
    }

    private static async ValueTask<SinkAnswer> SendAsync(IEventLog log, string stream, RecordBatch events, Range part, CancellationToken cancellationToken)
    {
        (int first, int count) = part.GetOffsetAndLength(events.Count);
        using RecordBatch copy = new(count, events.MaxBytes);
        for (int i = first; i < first + count; i++)
        {
            copy.Add(events.Key(i), events.Value(i));
        }

        return await SendAsync(log, stream, copy, cancellationToken).ConfigureAwait(false);
    }
}
