using System.Runtime.InteropServices;
using Lambda.Batch.Archive;
using Lambda.Events;
using Lambda.Store;

namespace Lambda.Batch.Recompute;

/// <summary>
/// Finds the repetitions among the events of a date: records with the same id and the same event time as one that wins over them. Exact, in two
/// scans of the id column: the first finds hashes that occur more than once, the second, needed only if there are any, compares those by value.
/// </summary>
internal sealed class DuplicateFinder(EventMember? eventId, EventSchema schema)
{
    /// <summary>The positions of all repetitions of a date below a boundary. An event without an id repeats nothing.</summary>
    public async Task<HashSet<LogPosition>> FindAsync(
        IArchiveSnapshot archive, DateOnly date, Boundary below, CancellationToken cancellationToken)
    {
        if (eventId is null)
        {
            return [];
        }

        Projection projection = Projection.Of(schema, []).With(eventId, ColumnForm.Values);
        RepeatedHashes hashes = new();
        await foreach (EventBatch batch in archive.ReadAsync(date, projection, new StringDictionary(), below, cancellationToken).ConfigureAwait(false))
        {
            AddHashes(batch, hashes);
        }

        if (!hashes.Any)
        {
            return [];
        }

        Dictionary<Identity, LogPosition> winners = [];
        HashSet<LogPosition> repetitions = [];
        await foreach (EventBatch batch in archive.ReadAsync(date, projection, new StringDictionary(), below, cancellationToken).ConfigureAwait(false))
        {
            Compare(batch, hashes, winners, repetitions);
        }

        return repetitions;
    }

    private void AddHashes(EventBatch batch, RepeatedHashes hashes)
    {
        Column ids = batch[eventId!]!;
        Span<byte> buffer = stackalloc byte[sizeof(long)];
        for (int row = 0; row < batch.Count; row++)
        {
            if (ids.Nulls is not { } nulls || !nulls[row])
            {
                hashes.Add(IdentityHash.Of(Id(ids, row, buffer), batch.EventTimes[row]));
            }
        }
    }

    private void Compare(
        EventBatch batch, RepeatedHashes hashes, Dictionary<Identity, LogPosition> winners, HashSet<LogPosition> repetitions)
    {
        Column ids = batch[eventId!]!;
        Span<byte> buffer = stackalloc byte[sizeof(long)];
        for (int row = 0; row < batch.Count; row++)
        {
            if (ids.Nulls is { } nulls && nulls[row])
            {
                continue;
            }

            ReadOnlySpan<byte> id = Id(ids, row, buffer);
            ulong hash = IdentityHash.Of(id, batch.EventTimes[row]);
            if (!hashes.Contains(hash))
            {
                continue;
            }

            LogPosition position = new(batch.Partitions[row], batch.Offsets[row]);
            ref LogPosition winner = ref CollectionsMarshal.GetValueRefOrAddDefault(
                winners, new Identity(hash, id.ToArray(), batch.EventTimes[row]), out bool exists);
            if (!exists)
            {
                winner = position;
            }
            else if (position.CompareTo(winner) < 0)
            {
                repetitions.Add(winner);
                winner = position;
            }
            else
            {
                repetitions.Add(position);
            }
        }
    }

    private static ReadOnlySpan<byte> Id(Column ids, int row, Span<byte> buffer)
    {
        switch (ids)
        {
            case TextColumn text:
                return text.Utf8(row);
            case Column<int> integers:
                MemoryMarshal.Write(buffer, (long)integers.Values[row]);
                return buffer;
            default:
                MemoryMarshal.Write(buffer, ((Column<long>)ids).Values[row]);
                return buffer;
        }
    }

    /// <summary>An id and an event time, equal by value.</summary>
    private readonly struct Identity(ulong hash, byte[] id, long eventTime) : IEquatable<Identity>
    {
        private readonly ulong _hash = hash;
        private readonly byte[] _id = id;
        private readonly long _eventTime = eventTime;

        public bool Equals(Identity other) => _eventTime == other._eventTime && _id.AsSpan().SequenceEqual(other._id);

        public override bool Equals(object? obj) => obj is Identity other && Equals(other);

        public override int GetHashCode() => (int)(_hash >> 32);
    }
}
