using Lambda.Definition;
using Lambda.Jobs;
using Lambda.Serving.Answers;
using Lambda.Serving.Formats;
using Lambda.Serving.Requests;
using Lambda.Store;
using Lambda.Time;
using Lambda.Views;

namespace Lambda.Serving.Queries;

/// <summary>Tells where streams stand.</summary>
/// <param name="catalog">The streams.</param>
/// <param name="store">What is known of them.</param>
/// <param name="observer">Sees where they stand.</param>
/// <param name="growth">Sees what nobody computes.</param>
/// <param name="history">Sees whether the history is the right one; none in a process that sees no history.</param>
internal sealed class StreamQuery(Catalog catalog, IViewStore store, StreamObserver observer, LogGrowth growth, IHistoryCheck? history = null)
{
    /// <summary>All streams that the store knows.</summary>
    /// <exception cref="ViewStoreException">The store cannot be read.</exception>
    public async ValueTask<StreamsAnswer> ReadAllAsync(CancellationToken cancellationToken)
    {
        // Read first, so that a change between the two reads leaves the lower number with the newer state, never the other way round.
        long sequence = store.CommitSequence;
        List<StreamAnswer> streams = [];
        foreach (StreamDefinition stream in catalog.Streams)
        {
            if (await ReadAsync(stream, cancellationToken).ConfigureAwait(false) is { } answer)
            {
                streams.Add(answer);
            }
        }

        return new StreamsAnswer(sequence, streams);
    }

    /// <summary>One stream; null when the store does not know it yet.</summary>
    /// <exception cref="ViewStoreException">The store cannot be read.</exception>
    public async ValueTask<StreamAnswer?> ReadAsync(StreamDefinition stream, CancellationToken cancellationToken)
    {
        StreamStatus? status = await store.ReadStreamAsync(stream.Name, cancellationToken).ConfigureAwait(false);
        if (status is null)
        {
            return null;
        }

        StreamState state = await observer.ObserveAsync(stream, status, cancellationToken).ConfigureAwait(false);
        GenerationInfo? generation = status.CurrentGeneration;
        IReadOnlyList<LogGap> gaps = await store.ReadGapsAsync(stream.Name, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<LostAnswer> lost = LogLosses.Lost(state.Partitions, gaps);
        string?[] found =
        [
            await growth.FindProblemAsync(status, state, cancellationToken).ConfigureAwait(false),
            history is null ? null : await history.FindProblemAsync(status, cancellationToken).ConfigureAwait(false),
        ];
        return new StreamAnswer(
            stream.Name,
            [.. stream.Views.Select(view => view.Name)],
            state.Watermark == WatermarkTracker.None ? null : Instants.ToDateTimeOffset(state.Watermark),
            state.Lag,
            generation?.Generation,
            generation?.EndedAt,
            (generation?.Boundary ?? status.Starts).Offsets,
            status.Partitions.Sum(partition => partition.Accepted),
            status.QuarantineCounts.ToDictionary(count => WireNames.Camel(count.Key.ToString()), count => count.Value),
            state.Freshness,
            state.Partitions)
        {
            Gaps = [.. gaps.Select(gap => new GapAnswer(gap.Partition, gap.Offsets.Start, gap.Offsets.End, gap.AcceptedAt))],
            Lost = lost,
            Problems = [.. LogLosses.Problems(stream.Name, state, lost), .. found.OfType<string>()],
        };
    }
}
