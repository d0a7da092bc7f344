using System.Collections.Concurrent;
using Lambda.Batch.History;
using Lambda.Batch.History.Storage;
using Lambda.Jobs;
using Lambda.Store;

namespace Lambda.Batch.Archive;

/// <summary>Holds the history that this process sees against the one that results were computed from, as long as it is not known to be that.</summary>
internal sealed class HistoryCheck(IViewStore store, IObjectStorage storage, TimeProvider time) : IHistoryCheck
{
    /// <summary>Whoever asks where streams stand does not wait for longer: an object storage that is out of reach is tried again and again before it is given up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>For how long a storage that was out of reach is not asked again: pages ask every few seconds, and each would wait.</summary>
    private static readonly TimeSpan NotAskedFor = TimeSpan.FromSeconds(30);

    /// <summary>By stream the generation that was computed from this history. It is the history that the next one begins with, or the next one is looked at anew.</summary>
    private readonly ConcurrentDictionary<string, long> _ours = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, (string Problem, long At)> _unreachable = new(StringComparer.Ordinal);

    public async ValueTask<string?> FindProblemAsync(StreamStatus stream, CancellationToken cancellationToken)
    {
        if (stream.CurrentGeneration is not { } served || (_ours.TryGetValue(stream.Stream, out long known) && known == served.Generation))
        {
            return null;
        }

        if (_unreachable.TryGetValue(stream.Stream, out (string Problem, long At) last) && time.GetElapsedTime(last.At) < NotAskedFor)
        {
            return last.Problem;
        }

        using CancellationTokenSource limit = new(Patience, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            string? problem = await HistoryIdentity.FindProblemAsync(store, storage, stream, time, either.Token).ConfigureAwait(false);
            if (problem is null)
            {
                _ours[stream.Stream] = served.Generation;
            }

            return problem;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            string problem = Unknown(stream, $"it could not be read within {Patience.TotalSeconds:0} s.");
            _unreachable[stream.Stream] = (problem, time.GetTimestamp());
            return problem;
        }
        catch (Exception error) when (error is HistoryException or IOException or UnauthorizedAccessException)
        {
            return Unknown(stream, error.Message);
        }
    }

    private static string Unknown(StreamStatus stream, string reason) =>
        $"Whether the history of stream '{stream.Stream}' is the one that generation {stream.CurrentGeneration!.Generation} was computed from is not known: {reason}";
}
