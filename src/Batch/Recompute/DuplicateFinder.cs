using Lambda.Batch.Archive;
using Lambda.Events;
using Lambda.Log;
using Lambda.Processing;
using Lambda.Store;

namespace Lambda.Batch.Recompute;

/// <summary>
/// Finds the repetitions among the events of a date: records with the same id and the same event time as one that wins over them. Exact, in two
/// scans of the id column: the first finds hashes that occur more than once, the second, needed only if there are any, compares those by value.
/// </summary>
internal sealed class DuplicateFinder(EventMember? eventId, EventSchema schema)
{
    private readonly EventIdentities? _identities = eventId is null ? null : new EventIdentities(eventId, schema);

    /// <summary>The positions of all repetitions of a date below a boundary. An event without an id repeats nothing.</summary>
    public async Task<IReadOnlySet<LogPosition>> FindAsync(
        IArchiveSnapshot archive, DateOnly date, Boundary below, CancellationToken cancellationToken)
    {
        Repetitions repetitions = new();
        if (_identities is null)
        {
            return repetitions.Found;
        }

        RepeatedHashes hashes = new();
        await foreach (EventBatch batch in archive.ReadAsync(date, _identities.Projection, new StringDictionary(), below, cancellationToken)
            .ConfigureAwait(false))
        {
            AddHashes(_identities, batch, hashes);
        }

        if (!hashes.Any)
        {
            return repetitions.Found;
        }

        await foreach (EventBatch batch in archive.ReadAsync(date, _identities.Projection, new StringDictionary(), below, cancellationToken)
            .ConfigureAwait(false))
        {
            Compare(_identities, batch, hashes, repetitions);
        }

        return repetitions.Found;
    }

    private static void AddHashes(EventIdentities identities, EventBatch batch, RepeatedHashes hashes)
    {
        Span<byte> buffer = stackalloc byte[EventIdentities.BufferSize];
        for (int row = 0; row < batch.Count; row++)
        {
            if (identities.TryRead(batch, row, buffer, out ReadOnlySpan<byte> id))
            {
                hashes.Add(IdentityHash.Of(id, batch.EventTimes[row]));
            }
        }
    }

    private static void Compare(EventIdentities identities, EventBatch batch, RepeatedHashes hashes, Repetitions repetitions)
    {
        Span<byte> buffer = stackalloc byte[EventIdentities.BufferSize];
        for (int row = 0; row < batch.Count; row++)
        {
            if (identities.TryRead(batch, row, buffer, out ReadOnlySpan<byte> id)
                && IdentityHash.Of(id, batch.EventTimes[row]) is ulong hash && hashes.Contains(hash))
            {
                repetitions.Add(id, hash, batch.EventTimes[row], new LogPosition(batch.Partitions[row], batch.Offsets[row]));
            }
        }
    }
}
