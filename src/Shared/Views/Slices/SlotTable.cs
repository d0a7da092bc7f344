namespace Lambda.Views.Slices;

/// <summary>
/// Gives every address of a partial — key id, start of the slice, windows missed — a dense slot, which indexes the columns of accumulators. Also
/// keeps per slot the number of events and whether it was touched since the last export.
/// </summary>
internal sealed class SlotTable
{
    private const int InitialSlots = 32;

    /// <summary>
    /// Open addressing by linear probing, at most half full; the length is a power of two. An entry holds the tag of an address above its slot + 1, and is 0
    /// where free, so that the addresses of others, which no other event may have needed for long, are not read to pass them by.
    /// </summary>
    private ulong[] _table = new ulong[InitialSlots * 2];
    private Address[] _addresses = new Address[InitialSlots];
    private long[] _eventCounts = new long[InitialSlots];
    private bool[] _isTouched = new bool[InitialSlots];

    /// <summary>The slots whose flag in <see cref="_isTouched"/> is set, in the order they were first touched.</summary>
    private int[] _touched = new int[InitialSlots];
    private int _touchedCount;
    private int[] _keys = [];

    /// <summary>By key the slot + 1 that its last event went into, and the start of its slice; 0 where there is none, or the slot is not touched.</summary>
    private (long SliceStart, int Slot)[] _recent = [];

    /// <summary>The number of slots.</summary>
    public int Count { get; private set; }

    /// <summary>The slots touched since <see cref="ForgetTouched"/>.</summary>
    public ReadOnlySpan<int> Touched => _touched.AsSpan(0, _touchedCount);

    /// <summary>Roughly how many bytes the table holds.</summary>
    public long ByteCount => (_table.Length * 8L) + (_addresses.Length * 37L);

    /// <summary>The address of a slot.</summary>
    public Address this[int slot] => _addresses[slot];

    /// <summary>The number of events that went into a slot.</summary>
    public long EventCount(int slot) => _eventCounts[slot];

    /// <summary>The slot of an address, touched and with <paramref name="events"/> more events; a new one when it is seen for the first time.</summary>
    public int FindOrAdd(int key, long sliceStart, int missed, long events)
    {
        Address address = new(key, missed, sliceStart);
        (int home, uint tag) = Home(address);
        int mask = _table.Length - 1;
        int place = home & mask;
        int slot;
        while (true)
        {
            ulong entry = _table[place];
            if (entry == 0)
            {
                slot = Add(address, tag, place);
                break;
            }

            slot = (int)(uint)entry - 1;
            if (entry >> 32 == tag && _addresses[slot] == address)
            {
                break;
            }

            place = (place + 1) & mask;
        }

        _eventCounts[slot] += events;
        Touch(slot);
        return slot;
    }

    /// <summary>Per place the slot of an event that no window has refused, touched and with one event more.</summary>
    /// <param name="keys">Per place the key.</param>
    /// <param name="sliceStarts">Per place the start of the slice.</param>
    /// <param name="slots">Takes the slots; as many as there are keys.</param>
    public void FindOrAdd(ReadOnlySpan<int> keys, ReadOnlySpan<long> sliceStarts, Span<int> slots)
    {
        sliceStarts = sliceStarts[..keys.Length];
        slots = slots[..keys.Length];
        (long SliceStart, int Slot)[] recent = _recent;
        long[] eventCounts = _eventCounts;
        for (int place = 0; place < keys.Length; place++)
        {
            int key = keys[place];
            long start = sliceStarts[place];

            // Events mostly come in order of time, so that most fall into the slice that their key was in before.
            if ((uint)key < (uint)recent.Length && recent[key].SliceStart == start && recent[key].Slot is int last and > 0)
            {
                slots[place] = last - 1;
                eventCounts[last - 1]++;
                continue;
            }

            slots[place] = FindOrAdd(key, start, missed: 0, events: 1);
            Remember(key, start, slots[place]);
            recent = _recent;
            eventCounts = _eventCounts;
        }
    }

    /// <summary>Marks all slots untouched.</summary>
    public void ForgetTouched()
    {
        foreach (int slot in Touched)
        {
            _isTouched[slot] = false;
            if (_addresses[slot].Key < _recent.Length)
            {
                _recent[_addresses[slot].Key].Slot = 0;
            }
        }

        _touchedCount = 0;
    }

    /// <summary>Forgets all slots but some, which are numbered anew in their order; none is touched then.</summary>
    /// <param name="slots">Those that stay, ascending.</param>
    public void Keep(ReadOnlySpan<int> slots)
    {
        ForgetTouched();
        for (int i = 0; i < slots.Length; i++)
        {
            _addresses[i] = _addresses[slots[i]];
            _eventCounts[i] = _eventCounts[slots[i]];
        }

        Array.Clear(_eventCounts, slots.Length, Count - slots.Length);
        Array.Clear(_recent);
        Count = slots.Length;
        Array.Clear(_table);
        Index();
    }

    /// <summary>The keys of slots, valid until the next call, and their numbers of events.</summary>
    public ReadOnlySpan<int> KeysOf(ReadOnlySpan<int> slots, Span<long> events)
    {
        if (_keys.Length < slots.Length)
        {
            _keys = new int[slots.Length];
        }

        for (int i = 0; i < slots.Length; i++)
        {
            _keys[i] = _addresses[slots[i]].Key;
            events[i] = _eventCounts[slots[i]];
        }

        return _keys.AsSpan(0, slots.Length);
    }

    /// <summary>Removes all slots; buffers stay.</summary>
    public void Clear()
    {
        Array.Clear(_table);
        Array.Clear(_recent);
        Array.Clear(_eventCounts, 0, Count);
        Array.Clear(_isTouched, 0, Count);
        _touchedCount = 0;
        Count = 0;
    }

    private void Touch(int slot)
    {
        if (!_isTouched[slot])
        {
            _isTouched[slot] = true;
            _touched[_touchedCount++] = slot;
        }
    }

    private void Remember(int key, long sliceStart, int slot)
    {
        if (key >= _recent.Length)
        {
            Array.Resize(ref _recent, Math.Max(key + 1, Math.Max(InitialSlots, _recent.Length * 2)));
        }

        _recent[key] = (sliceStart, slot + 1);
    }

    private int Add(Address address, uint tag, int place)
    {
        int slot = Count++;
        if (slot == _addresses.Length)
        {
            int capacity = slot * 2;
            Array.Resize(ref _addresses, capacity);
            Array.Resize(ref _eventCounts, capacity);
            Array.Resize(ref _isTouched, capacity);
            Array.Resize(ref _touched, capacity);
        }

        _addresses[slot] = address;
        _table[place] = Entry(tag, slot);
        if (Count * 2 > _table.Length)
        {
            Rehash();
        }

        return slot;
    }

    private void Rehash()
    {
        _table = new ulong[_table.Length * 2];
        Index();
    }

    private void Index()
    {
        int mask = _table.Length - 1;
        for (int slot = 0; slot < Count; slot++)
        {
            (int home, uint tag) = Home(_addresses[slot]);
            int place = home & mask;
            while (_table[place] != 0)
            {
                place = (place + 1) & mask;
            }

            _table[place] = Entry(tag, slot);
        }
    }

    private static ulong Entry(uint tag, int slot) => ((ulong)tag << 32) | (uint)(slot + 1);

    /// <summary>
    /// Where probing for an address begins, before the table's mask, and the address's tag. Eight keys that follow one another begin side by side in one
    /// line of the cache: the events of a slice of time come together, and find there what those before them have fetched.
    /// </summary>
    private static (int Place, uint Tag) Home(Address address)
    {
        const int NeighboursBits = 3;
        uint group = (uint)address.Key >> NeighboursBits;
        uint neighbour = (uint)address.Key & ((1 << NeighboursBits) - 1);
        ulong mixed = ((ulong)address.SliceStart * 0x9E3779B97F4A7C15) ^ (((ulong)group << 8) + (uint)address.Missed);
        ulong high = Math.BigMul(mixed, 0xD6E8FEB86659FD93, out ulong low);
        ulong hash = high ^ low;
        return ((int)(((uint)hash << NeighboursBits) | neighbour), ((uint)(hash >> 32) & ~7u) | neighbour);
    }

    /// <summary>What a slot stands for.</summary>
    internal readonly record struct Address(int Key, int Missed, long SliceStart);
}
