using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Lambda.Batch.History.Reading;
using Lambda.Events;

namespace Lambda.Batch.Recompute.Duplicates;

/// <summary>Ids that are looked for: none that lies between two bounds is missed, however far apart the ids are.</summary>
internal sealed record SoughtIds : SoughtValues
{
    private const ulong SignBit = 1UL << 63;

    private static readonly Int128 Before = -1;
    private static readonly Int128 After = (Int128)ulong.MaxValue + 1;

    /// <summary>The beginning that all have, if they are texts.</summary>
    private readonly byte[] _prefix;

    /// <summary>Their keys, ascending: the eight bytes behind the prefix, or the number.</summary>
    private readonly ulong[] _keys;

    private SoughtIds(EventMember member, byte[] prefix, ulong[] keys)
        : base(member)
    {
        _prefix = prefix;
        _keys = keys;
    }

    public override bool MayLieBetween(ColumnBound least, ColumnBound greatest)
    {
        Int128 first = PlaceOf(least) ?? Before;
        Int128 last = PlaceOf(greatest) ?? After;
        if (first == After)
        {
            return false;
        }

        int index = first == Before ? 0 : Array.BinarySearch(_keys, (ulong)first);
        index = index < 0 ? ~index : index;
        return index < _keys.Length && _keys[index] <= last;
    }

    /// <summary>The key of a bound; before or after all keys where it is a text without the prefix, null when it is not known or not of the member's type.</summary>
    private Int128? PlaceOf(ColumnBound bound)
    {
        if (Member.Type != ColumnType.String)
        {
            return bound.Number is { } number ? KeyOf(number) : null;
        }

        if (bound.Text is not { } text)
        {
            return null;
        }

        ReadOnlySpan<byte> bytes = Encoding.UTF8.GetBytes(text);
        return bytes.StartsWith(_prefix) ? KeyOf(bytes[_prefix.Length..]) : bytes.SequenceCompareTo(_prefix) < 0 ? Before : After;
    }

    /// <summary>The first eight bytes of a text, which do not fall as texts rise.</summary>
    private static ulong KeyOf(ReadOnlySpan<byte> text)
    {
        Span<byte> key = stackalloc byte[sizeof(ulong)];
        text[..Math.Min(text.Length, key.Length)].CopyTo(key);
        return BinaryPrimitives.ReadUInt64BigEndian(key);
    }

    private static ulong KeyOf(long number) => (ulong)number ^ SignBit;

    /// <summary>Collects ids.</summary>
    /// <param name="member">The member that is the id, of which <see cref="SoughtValues.CanBe"/> is said.</param>
    internal sealed class Builder(EventMember member)
    {
        private readonly List<ulong> _keys = [];

        /// <summary>The beginning that all texts so far have, which keys are what follows on; null before the first.</summary>
        private byte[]? _prefix;

        /// <summary>Adds an id.</summary>
        /// <param name="id">As <see cref="Processing.EventIdentities"/> gives it.</param>
        public void Add(ReadOnlySpan<byte> id)
        {
            if (member.Type != ColumnType.String)
            {
                _keys.Add(KeyOf(MemoryMarshal.Read<long>(id)));
                return;
            }

            _prefix ??= id.ToArray();
            int common = id.CommonPrefixLength(_prefix);
            if (common < _prefix.Length)
            {
                Shorten(common);
            }

            _keys.Add(KeyOf(id[common..]));
        }

        /// <summary>All that were added.</summary>
        public SoughtIds Build()
        {
            ulong[] keys = [.. _keys];
            Array.Sort(keys);
            return new SoughtIds(member, _prefix ?? [], keys);
        }

        /// <summary>Makes the prefix shorter: what it loses is what the keys so far begin with.</summary>
        private void Shorten(int length)
        {
            ReadOnlySpan<byte> lost = _prefix.AsSpan(length);
            ulong beginning = KeyOf(lost);
            foreach (ref ulong key in CollectionsMarshal.AsSpan(_keys))
            {
                key = lost.Length < sizeof(ulong) ? beginning | (key >> (8 * lost.Length)) : beginning;
            }

            _prefix = _prefix![..length];
        }
    }
}
