using System.Globalization;
using Lambda.Log;
using Lambda.Store;

namespace Lambda.Serving.Queries;

/// <summary>Finds out whether a stream's log has got partitions that nobody computes yet.</summary>
internal sealed class LogGrowth(IEventLog log)
{
    /// <summary>What a person has to see to; null when there is nothing, or the log does not answer.</summary>
    /// <param name="status">What is known of the stream.</param>
    /// <param name="state">What the log has said of it: one that did not answer is not asked again, which may take as long as before.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<string?> FindProblemAsync(StreamStatus status, StreamState state, CancellationToken cancellationToken)
    {
        if (state.Lag is null)
        {
            return null;
        }

        int computed = status.Partitions.Count;
        try
        {
            int there = await log.CountPartitionsAsync(status.Stream, cancellationToken).ConfigureAwait(false);
            return there <= computed
                ? null
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"The log has {there} partitions of stream '{status.Stream}', of which {computed} are computed: what stands in partition {computed} and those behind it is in no "
                    + $"answer yet, and not counted as lag. A process with the speed layer is given them within a minute; check that one is running.");
        }
        catch (EventLogException)
        {
            // It has answered a moment ago; the next answer has the lag unknown, or the problem.
            return null;
        }
    }
}
