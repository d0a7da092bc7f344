using Lambda.Store;

namespace Lambda.Batch.Recompute;

/// <summary>Has the speed layer end its open epochs, so that a generation can reach as far as possible.</summary>
internal sealed class EpochSealing(IViewStore store, TimeProvider time, BatchOptions options)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Asks for epochs to be sealed and waits until they are up to <paramref name="end"/>, or until <see cref="BatchOptions.SealTimeout"/> has
    /// passed, as it does when no speed layer runs.
    /// </summary>
    /// <returns>Whether all are sealed that far.</returns>
    public async Task<bool> SealAsync(BatchStream stream, Boundary end, CancellationToken cancellationToken)
    {
        Boundary starts = (await store.ReadStreamAsync(stream.Name, cancellationToken).ConfigureAwait(false))?.Starts
            ?? Boundary.Zero(stream.Partitions);
        if (await IsSealedAsync(stream.Name, starts, end, cancellationToken).ConfigureAwait(false))
        {
            return true;
        }

        await store.RequestSealAsync(stream.Name, cancellationToken).ConfigureAwait(false);
        long started = time.GetTimestamp();
        while (time.GetElapsedTime(started) < options.SealTimeout)
        {
            await Task.Delay(LookEvery, time, cancellationToken).ConfigureAwait(false);
            if (await IsSealedAsync(stream.Name, starts, end, cancellationToken).ConfigureAwait(false))
            {
                return true;
            }
        }

        return false;
    }

    private async Task<bool> IsSealedAsync(string stream, Boundary starts, Boundary end, CancellationToken cancellationToken) =>
        BoundaryRule.IsSealedUpTo(await store.ReadEpochsAsync(stream, cancellationToken).ConfigureAwait(false), starts, end);
}
