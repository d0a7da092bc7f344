using Lambda.Log;

namespace Lambda.Capture;

/// <summary>Where captured events go.</summary>
public interface ICaptureSink : IAsyncDisposable
{
    /// <summary>
    /// Hands events on; completes when they are safe there. Called for one batch at a time, in order. Whatever is thrown makes the capture wait and send the
    /// same events again, so that some may arrive twice, and none is lost.
    /// </summary>
    /// <param name="stream">The stream of the events.</param>
    /// <param name="events">Keys and JSON; valid until the call completes.</param>
    /// <param name="cancellationToken">Ends the attempt: it took too long, or the application stops.</param>
    ValueTask<SinkAnswer> SendAsync(string stream, RecordBatch events, CancellationToken cancellationToken);
}

/// <summary>What a sink made of a batch. What it did not refuse, it has.</summary>
/// <param name="Refused">How many events it will never take, and which are dropped therefore.</param>
/// <param name="Why">Why it refuses them; null when it refuses none.</param>
public readonly record struct SinkAnswer(int Refused, string? Why);
