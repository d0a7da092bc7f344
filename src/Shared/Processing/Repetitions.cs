using System.Runtime.InteropServices;
using Lambda.Events;
using Lambda.Log;

namespace Lambda.Processing;

/// <summary>
/// Decides which records repeat an event: of those with the same id and the same event time the one at the lowest position counts. Not safe for use
/// by several threads at once.
/// </summary>
internal sealed class Repetitions
{
    private readonly Dictionary<Identity, LogPosition> _winners = [];
    private readonly HashSet<LogPosition> _found = [];

    /// <summary>The positions of the repetitions among all events added.</summary>
    public IReadOnlySet<LogPosition> Found => _found;

    /// <summary>How many different events were added.</summary>
    public int Events => _winners.Count;

    /// <summary>Takes an event into account.</summary>
    /// <param name="id">The bytes of its id; see <see cref="EventIdentities"/>.</param>
    /// <param name="hash">The hash of its identity.</param>
    /// <param name="eventTime">Its event time.</param>
    /// <param name="position">Where it stands in the log.</param>
    public void Add(ReadOnlySpan<byte> id, ulong hash, long eventTime, LogPosition position)
    {
        ref LogPosition winner = ref CollectionsMarshal.GetValueRefOrAddDefault(_winners, new Identity(hash, id.ToArray(), eventTime), out bool exists);
        if (!exists)
        {
            winner = position;
        }
        else if (position.CompareTo(winner) < 0)
        {
            _found.Add(winner);
            winner = position;
        }
        else
        {
            _found.Add(position);
        }
    }

    /// <summary>Takes all events of a batch into account that have an id; one without repeats nothing.</summary>
    /// <param name="batch">The events, with their ids in the form that <see cref="EventIdentities.Projection"/> says.</param>
    /// <param name="identities">Reads the ids.</param>
    public void Add(EventBatch batch, EventIdentities identities)
    {
        Span<byte> buffer = stackalloc byte[EventIdentities.BufferSize];
        for (int row = 0; row < batch.Count; row++)
        {
            if (identities.TryRead(batch, row, buffer, out ReadOnlySpan<byte> id))
            {
                Add(id, IdentityHash.Of(id, batch.EventTimes[row]), batch.EventTimes[row], new LogPosition(batch.Partitions[row], batch.Offsets[row]));
            }
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
