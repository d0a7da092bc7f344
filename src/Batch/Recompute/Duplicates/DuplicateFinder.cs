using System.Runtime.CompilerServices;
using Lambda.Batch.Archive;
using Lambda.Batch.History.Reading;
using Lambda.Events;
using Lambda.Log;
using Lambda.Processing;
using Lambda.Store;

namespace Lambda.Batch.Recompute.Duplicates;

/// <summary>
/// Finds the repetitions among the events of a date: records with the same id and the same event time as one that wins over them. Exact, in two
/// scans of the id column: the first finds hashes that occur more than once, the second, needed only if there are any, compares those by value. Where only
/// events from a boundary on are new, earlier ones are read only around the times of these.
/// </summary>
/// <remarks>For one caller at a time.</remarks>
internal sealed class DuplicateFinder : IDisposable
{
    private readonly IArchiveSnapshot _archive;
    private readonly Boundary? _from;
    private readonly DistinctIds.Source? _ids;
    private readonly RepeatedHashes _hashes = new();
    private ulong[] _buffer = [];

    /// <summary>These are null when events have no ids.</summary>
    private readonly EventIdentities? _identities;
    private readonly IArchiveScan? _new;
    private readonly IArchiveReader? _fresh;

    /// <summary>The same events with their positions, which only a second scan needs; null before the first of these.</summary>
    private IArchiveReader? _placed;

    /// <param name="eventId">The member that is the id; null when there is none, and nothing repeats anything.</param>
    /// <param name="schema">The event type.</param>
    /// <param name="archive">What is read.</param>
    /// <param name="from">Where new events begin, the repetitions among those before them being known; null when all are new.</param>
    /// <param name="below">Only events below it count.</param>
    /// <param name="ids">Takes the ids of all events but repetitions; null where nobody asks whether they differ.</param>
    public DuplicateFinder(EventMember? eventId, EventSchema schema, IArchiveSnapshot archive, Boundary? from, Boundary below, DistinctIds.Source? ids)
    {
        _ids = ids;
        _archive = archive;
        _from = from;
        if (eventId is not null)
        {
            _identities = new EventIdentities(eventId, schema);
            _new = archive.Select(new FileSelection(new ArchiveRange(from, below)));
            _fresh = _new.OpenReader(_identities.Projection, new StringDictionary(), RecordFields.EventTime);
        }
    }

    /// <summary>The repetitions of a date. An event without an id repeats nothing.</summary>
    public async Task<FoundRepetitions> FindAsync(DateOnly date, CancellationToken cancellationToken)
    {
        if (_identities is null || _new is null || _fresh is null)
        {
            return FoundRepetitions.None;
        }

        RepeatedHashes hashes = _hashes;
        hashes.Clear();
        SeenTimes times = new();
        await foreach (EventBatch batch in _fresh.ReadAsync(date, cancellationToken).ConfigureAwait(false))
        {
            AddHashes(_identities, batch);
            times.Add(batch);
        }

        ArchiveRange? known = _from is null || times.IsEmpty ? null : new ArchiveRange(null, _from, times.Range);
        if (known is not null)
        {
            await foreach (EventBatch batch in ReadKnownAsync(_identities, date, known, RecordFields.EventTime, cancellationToken).ConfigureAwait(false))
            {
                SuspectHashes(_identities, batch);
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
            await foreach (EventBatch batch in ReadKnownAsync(_identities, date, known, RecordFields.Position | RecordFields.EventTime, cancellationToken).ConfigureAwait(false))
            {
                Compare(_identities, batch, hashes, before, all);
            }
        }

        _placed ??= _new.OpenReader(_identities.Projection, new StringDictionary(), RecordFields.Position | RecordFields.EventTime);
        await foreach (EventBatch batch in _placed.ReadAsync(date, cancellationToken).ConfigureAwait(false))
        {
            Compare(_identities, batch, hashes, all);
        }

        if (all.Events != hashes.Count)
        {
            // Two events have the same hash, and the id of only one was taken.
            _ids?.GiveUp();
        }

        return known is null
            ? new FoundRepetitions(all.Found, 0)
            : new FoundRepetitions(
                all.Found.Where(position => position.Offset >= _from![position.Partition]).ToHashSet(),
                all.Found.Count(position => position.Offset < _from![position.Partition] && !before.Found.Contains(position)));
    }

    public void Dispose()
    {
        _fresh?.Dispose();
        _placed?.Dispose();
    }

    private async IAsyncEnumerable<EventBatch> ReadKnownAsync(
        EventIdentities identities, DateOnly date, ArchiveRange range, RecordFields fields, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        FileSelection ofDate = new(range) { Dates = new HashSet<DateOnly> { date } };
        using IArchiveReader reader = _archive.Select(ofDate).OpenReader(identities.Projection, new StringDictionary(), fields);
        await foreach (EventBatch batch in reader.ReadAsync(date, cancellationToken).ConfigureAwait(false))
        {
            yield return batch;
        }
    }

    private void AddHashes(EventIdentities identities, EventBatch batch)
    {
        ReadOnlySpan<ulong> hashes = HashesOf(identities, batch);
        for (int row = 0; row < hashes.Length; row++)
        {
            if (hashes[row] != 0 && _hashes.Add(IdentityHash.Of(hashes[row], batch.EventTimes[row])))
            {
                _ids?.Add(hashes[row]);
            }
        }
    }

    private void SuspectHashes(EventIdentities identities, EventBatch batch)
    {
        ReadOnlySpan<ulong> hashes = HashesOf(identities, batch);
        for (int row = 0; row < hashes.Length; row++)
        {
            if (hashes[row] != 0)
            {
                _hashes.Repeat(IdentityHash.Of(hashes[row], batch.EventTimes[row]));
            }
        }
    }

    /// <summary>By row, the hash of its id; 0 where it has none.</summary>
    private ReadOnlySpan<ulong> HashesOf(EventIdentities identities, EventBatch batch)
    {
        Array.Resize(ref _buffer, Math.Max(_buffer.Length, batch.Count));
        Span<ulong> hashes = _buffer.AsSpan(0, batch.Count);
        identities.Hash(batch, hashes);
        return hashes;
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
