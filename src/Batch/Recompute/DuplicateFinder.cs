using Lambda.Batch.Archive;
using Lambda.Batch.History;
using Lambda.Events;
using Lambda.Log;
using Lambda.Processing;
using Lambda.Store;

namespace Lambda.Batch.Recompute;

/// <summary>
/// Finds the repetitions among the events of a date: records with the same id and the same event time as one that wins over them. Exact, in two
/// scans of the id column: the first finds hashes that occur more than once, the second, needed only if there are any, compares those by value. Where only
/// events from a boundary on are new, earlier ones are read only around the times of these.
/// </summary>
internal sealed class DuplicateFinder(EventMember? eventId, EventSchema schema)
{
    private readonly EventIdentities? _identities = eventId is null ? null : new EventIdentities(eventId, schema);

    /// <summary>The repetitions of a date. An event without an id repeats nothing.</summary>
    /// <param name="archive">What is read.</param>
    /// <param name="date">The date.</param>
    /// <param name="from">Where new events begin, the repetitions among those before them being known; null when all are new.</param>
    /// <param name="below">Only events below it count.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<FoundRepetitions> FindAsync(
        IArchiveSnapshot archive, DateOnly date, Boundary? from, Boundary below, CancellationToken cancellationToken)
    {
        if (_identities is null)
        {
            return FoundRepetitions.None;
        }

        ArchiveRange fresh = new(from, below);
        RepeatedHashes hashes = new();
        SeenTimes times = new();
        await foreach (EventBatch batch in ReadAsync(_identities, archive, date, fresh, cancellationToken).ConfigureAwait(false))
        {
            AddHashes(_identities, batch, hashes);
            times.Add(batch);
        }

        ArchiveRange? known = from is null || times.IsEmpty ? null : new ArchiveRange(null, from, times.Range);
        if (known is not null)
        {
            await foreach (EventBatch batch in ReadAsync(_identities, archive, date, known, cancellationToken).ConfigureAwait(false))
            {
                SuspectHashes(_identities, batch, hashes);
            }
        }

        if (!hashes.Any)
        {
            return FoundRepetitions.None;
        }

        Repetitions before = new();
        Repetitions all = new();
        if (known is not null)
        {
            await foreach (EventBatch batch in ReadAsync(_identities, archive, date, known, cancellationToken).ConfigureAwait(false))
            {
                Compare(_identities, batch, hashes, before, all);
            }
        }

        await foreach (EventBatch batch in ReadAsync(_identities, archive, date, fresh, cancellationToken).ConfigureAwait(false))
        {
            Compare(_identities, batch, hashes, all);
        }

        return known is null
            ? new FoundRepetitions(all.Found, 0)
            : new FoundRepetitions(
                all.Found.Where(position => position.Offset >= from![position.Partition]).ToHashSet(),
                all.Found.Count(position => position.Offset < from![position.Partition] && !before.Found.Contains(position)));
    }

    private static IAsyncEnumerable<EventBatch> ReadAsync(
        EventIdentities identities, IArchiveSnapshot archive, DateOnly date, ArchiveRange range, CancellationToken cancellationToken) =>
        archive.ReadAsync(date, identities.Projection, new StringDictionary(), range, cancellationToken);

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

    private static void SuspectHashes(EventIdentities identities, EventBatch batch, RepeatedHashes hashes)
    {
        Span<byte> buffer = stackalloc byte[EventIdentities.BufferSize];
        for (int row = 0; row < batch.Count; row++)
        {
            if (identities.TryRead(batch, row, buffer, out ReadOnlySpan<byte> id))
            {
                hashes.Repeat(IdentityHash.Of(id, batch.EventTimes[row]));
            }
        }
    }

    private static void Compare(EventIdentities identities, EventBatch batch, RepeatedHashes hashes, params ReadOnlySpan<Repetitions> repetitions)
    {
        Span<byte> buffer = stackalloc byte[EventIdentities.BufferSize];
        for (int row = 0; row < batch.Count; row++)
        {
            if (identities.TryRead(batch, row, buffer, out ReadOnlySpan<byte> id)
                && IdentityHash.Of(id, batch.EventTimes[row]) is ulong hash && hashes.Contains(hash))
            {
                foreach (Repetitions each in repetitions)
                {
                    each.Add(id, hash, batch.EventTimes[row], new LogPosition(batch.Partitions[row], batch.Offsets[row]));
                }
            }
        }
    }

    /// <summary>From the earliest to the latest event time of some events.</summary>
    private sealed class SeenTimes
    {
        private long _first = long.MaxValue;
        private long _last = long.MinValue;

        public bool IsEmpty => _first > _last;

        public EventTimeRange Range => new(_first, _last + 1);

        public void Add(EventBatch batch)
        {
            for (int row = 0; row < batch.Count; row++)
            {
                _first = Math.Min(_first, batch.EventTimes[row]);
                _last = Math.Max(_last, batch.EventTimes[row]);
            }
        }
    }
}

/// <summary>Repetitions of a date.</summary>
/// <param name="Positions">Where the new ones stand.</param>
/// <param name="Overtaken">
/// How many of the events before them counted until now and do not any more, as a new record of the same event stands at a lower offset of another partition.
/// </param>
internal sealed record FoundRepetitions(IReadOnlySet<LogPosition> Positions, int Overtaken)
{
    public static readonly FoundRepetitions None = new(new HashSet<LogPosition>(), 0);
}
