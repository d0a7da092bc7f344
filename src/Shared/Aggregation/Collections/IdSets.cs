using System.Numerics;
using System.Text.Unicode;
using Lambda.Aggregation.Values;
using Lambda.Events;

namespace Lambda.Aggregation.Collections;

/// <summary>Per slot a set of ids of one dictionary, as a row of bits. Only for dictionaries that are small, so that rows are.</summary>
internal sealed class IdSets
{
    /// <summary>Beyond this, rows of bits take more memory than the few texts that most slots have.</summary>
    private const int MostIds = 1024;

    /// <summary>The row of a slot starts at the slot times the length of a row, which is a power of two. Bit 0, which stands for null, is of no meaning.</summary>
    private ulong[] _bits = [];
    private int _shift;

    /// <summary>How many ids of the dictionary are known to be texts that no other id stands for.</summary>
    private int _known;
    private bool _isUnfit;

    /// <summary>What the ids are of; null before the first.</summary>
    public StringDictionary? Dictionary { get; private set; }

    /// <summary>Whether sets may have ids.</summary>
    public bool IsInUse => Dictionary is not null && !_isUnfit;

    /// <summary>The number of slots.</summary>
    public int Slots { get; private set; }

    private int Words => 1 << _shift;

    /// <summary>Makes room for that many slots; new ones are empty.</summary>
    public void EnsureSlots(int slots)
    {
        Slots = Math.Max(Slots, slots);
        if (IsInUse)
        {
            EnsureBits();
        }
    }

    /// <summary>Goes on with a dictionary. All sets must be empty.</summary>
    public void Use(StringDictionary dictionary)
    {
        Dictionary = dictionary;
        _known = 1;
        _isUnfit = false;
        _shift = 0;
        EnsureBits();
    }

    /// <summary>Takes no more ids of the dictionary. All sets must be empty.</summary>
    public void Leave() => _isUnfit = true;

    /// <summary>Takes up the ids that the dictionary has got since.</summary>
    /// <returns>False when it has become too large, or has a text that is not valid UTF-8, which other ids can stand for too.</returns>
    public bool TryCover()
    {
        StringDictionary dictionary = Dictionary!;
        if (_isUnfit || _known == dictionary.Count)
        {
            return !_isUnfit;
        }

        if (dictionary.Count > MostIds)
        {
            return false;
        }

        for (; _known < dictionary.Count; _known++)
        {
            if (!Utf8.IsValid(dictionary.Utf8(_known)))
            {
                return false;
            }
        }

        if (_known > Words * 64)
        {
            Widen(BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)_known)) - 6);
        }

        return true;
    }

    /// <summary>Adds one id per row: row i's to the set of slot <c>slots[i]</c>. Null is passed over.</summary>
    public void Add(ReadOnlySpan<int> slots, ReadOnlySpan<long> ids)
    {
        ids = ids[..slots.Length];
        ulong[] bits = _bits;
        int shift = _shift;
        for (int i = 0; i < slots.Length; i++)
        {
            int id = (int)ids[i];
            bits[(slots[i] << shift) + (id >> 6)] |= 1UL << id;
        }
    }

    /// <summary>Adds the set of a slot of others of the same dictionary, which covered no more of it.</summary>
    public void Merge(int slot, IdSets other, int otherSlot)
    {
        Span<ulong> row = Row(slot);
        ReadOnlySpan<ulong> added = other.Row(otherSlot);
        for (int word = 0; word < added.Length; word++)
        {
            row[word] |= added[word];
        }
    }

    /// <summary>The number of ids in a set.</summary>
    public int Count(int slot)
    {
        if (!IsInUse)
        {
            return 0;
        }

        ReadOnlySpan<ulong> row = Row(slot);
        int count = -(int)(row[0] & 1);
        foreach (ulong word in row)
        {
            count += BitOperations.PopCount(word);
        }

        return count;
    }

    /// <summary>Empties a set into another.</summary>
    public void Spill<TCodec>(int slot, ref ValueTable<string, TCodec> texts)
        where TCodec : struct, IValueCodec<string>
    {
        Span<ulong> row = Row(slot);
        row[0] &= ~1UL;
        for (int word = 0; word < row.Length; word++)
        {
            for (ulong left = row[word]; left != 0; left &= left - 1)
            {
                texts.FindOrAdd(Dictionary!.GetString((word * 64) + BitOperations.TrailingZeroCount(left))!);
            }
        }

        row.Clear();
    }

    /// <summary>Forgets all slots but some, which are numbered anew in their order.</summary>
    /// <param name="slots">Those that stay, ascending.</param>
    public void Keep(ReadOnlySpan<int> slots)
    {
        if (IsInUse)
        {
            for (int i = 0; i < slots.Length; i++)
            {
                Row(slots[i]).CopyTo(Row(i));
            }

            _bits.AsSpan(slots.Length << _shift, (Slots - slots.Length) << _shift).Clear();
        }

        Slots = slots.Length;
    }

    /// <summary>Forgets all slots.</summary>
    public void Clear() => Keep([]);

    private Span<ulong> Row(int slot) => _bits.AsSpan(slot << _shift, Words);

    private void EnsureBits()
    {
        int length = checked(Slots * Words);
        if (length > _bits.Length)
        {
            Array.Resize(ref _bits, (int)Math.Min(Array.MaxLength, Math.Max(length, _bits.Length * 2L)));
        }
    }

    private void Widen(int shift)
    {
        ulong[] narrow = _bits;
        int words = Words;
        _shift = shift;
        _bits = new ulong[checked(Slots * Words)];
        for (int slot = 0; slot < Slots; slot++)
        {
            narrow.AsSpan(slot * words, words).CopyTo(Row(slot));
        }
    }
}
