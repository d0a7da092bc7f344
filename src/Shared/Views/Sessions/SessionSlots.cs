using Lambda.Windows;

namespace Lambda.Views.Sessions;

/// <summary>
/// Gives every session of a table a dense slot, which indexes the columns of accumulators. The intervals of one lane, which are those of a key that
/// came in time or those that came late, neither overlap nor touch. Also keeps what an export needs to know of a slot.
/// </summary>
internal sealed class SessionSlots
{
    private const int InitialSlots = 32;

    private Session[] _sessions = new Session[InitialSlots];
    private Marks[] _marks = new Marks[InitialSlots];

    /// <summary>Where a slot that is marked exported began when it was.</summary>
    private long[] _exportedStarts = [];

    /// <summary>The slots that are marked touched, in the order they were first touched.</summary>
    private int[] _touched = new int[InitialSlots];
    private int _touchedCount;

    /// <summary>By lane the slot + 1 of its newest session, and 0 where there is none. Events in order of time need no other.</summary>
    private int[] _newest = new int[InitialSlots];

    /// <summary>By lane the slots of its other sessions by start; null where there is none.</summary>
    private List<int>?[] _older = new List<int>?[InitialSlots];
    private readonly List<(int Into, int From)> _merges = [];

    [Flags]
    private enum Marks : byte
    {
        None = 0,
        Touched = 1,
        Exported = 2,
    }

    /// <summary>The number of slots, those included whose session has become part of another.</summary>
    public int Count { get; private set; }

    /// <summary>The slots touched since <see cref="ForgetTouched"/>; among them those that have become part of others.</summary>
    public ReadOnlySpan<int> Touched => _touched.AsSpan(0, _touchedCount);

    /// <summary>Which slots have become part of which since <see cref="ForgetMerges"/>, in the order in which their states have to be merged.</summary>
    public IReadOnlyList<(int Into, int From)> Merges => _merges;

    /// <summary>Roughly how many bytes the slots take.</summary>
    public long ByteCount => (_sessions.Length * 37L) + (_exportedStarts.Length * 8L) + (_newest.Length * 12L) + (Count * 4L);

    /// <summary>The session of a slot.</summary>
    public ref readonly Session this[int slot] => ref _sessions[slot];

    /// <summary>The slot of the session that an interval extends, joins or begins, touched and with <paramref name="events"/> more events.</summary>
    /// <param name="key">The id of the key.</param>
    /// <param name="missed">1 for what came too late, 0 for the rest.</param>
    /// <param name="interval">The interval of one event or more.</param>
    /// <param name="events">How many.</param>
    public int Add(int key, int missed, TimeWindow interval, long events)
    {
        int lane = (key << 1) | missed;
        if (lane >= _newest.Length)
        {
            int lanes = Math.Max(lane + 1, _newest.Length * 2);
            Array.Resize(ref _newest, lanes);
            Array.Resize(ref _older, lanes);
        }

        int slot = _newest[lane] - 1;
        if (slot < 0)
        {
            slot = Create(lane, interval);
            _newest[lane] = slot + 1;
        }
        else
        {
            ref Session newest = ref _sessions[slot];
            if (interval.Start < newest.Start)
            {
                slot = AddOutOfOrder(lane, interval);
            }
            else if (interval.Start <= newest.End)
            {
                newest.End = Math.Max(newest.End, interval.End);
            }
            else
            {
                (_older[lane] ??= []).Add(slot);
                slot = Create(lane, interval);
                _newest[lane] = slot + 1;
            }
        }

        _sessions[slot].Events += events;
        Touch(slot);
        return slot;
    }

    /// <summary>The slot itself, or the one that its session has become part of.</summary>
    public int Survivor(int slot)
    {
        while (_sessions[slot].MergedInto > 0)
        {
            slot = _sessions[slot].MergedInto - 1;
        }

        return slot;
    }

    /// <summary>Takes note that all merges have been carried out on the states.</summary>
    public void ForgetMerges() => _merges.Clear();

    /// <summary>Whether a slot was exported when it was last touched before <see cref="ForgetTouched"/>.</summary>
    public bool IsStored(int slot) => (_marks[slot] & Marks.Exported) != 0;

    /// <summary>Where a slot began when it was last exported, if it was and no longer begins there or is no more.</summary>
    public bool IsStoredElsewhere(int slot, out long start)
    {
        start = 0;
        if ((_marks[slot] & Marks.Exported) == 0)
        {
            return false;
        }

        start = _exportedStarts[slot];
        return _sessions[slot].MergedInto > 0 || start != _sessions[slot].Start;
    }

    /// <summary>Takes note that all slots which were touched have been exported as they are.</summary>
    public void ForgetTouched()
    {
        if (_exportedStarts.Length < Count)
        {
            Array.Resize(ref _exportedStarts, _sessions.Length);
        }

        foreach (int slot in Touched)
        {
            _exportedStarts[slot] = _sessions[slot].Start;
            _marks[slot] = _sessions[slot].MergedInto > 0 ? Marks.None : Marks.Exported;
        }

        _touchedCount = 0;
    }

    /// <summary>Forgets all slots but some, which are numbered anew in their order and marked nothing.</summary>
    /// <param name="slots">Those that stay, ascending; none whose session has become part of another.</param>
    public void Keep(ReadOnlySpan<int> slots)
    {
        Array.Clear(_marks, 0, Count);
        Array.Clear(_newest);
        foreach (List<int>? older in _older)
        {
            older?.Clear();
        }

        _touchedCount = 0;
        Count = slots.Length;
        for (int slot = 0; slot < slots.Length; slot++)
        {
            _sessions[slot] = _sessions[slots[slot]];
            Index(slot);
        }
    }

    /// <summary>Removes all slots; buffers stay.</summary>
    public void Clear()
    {
        Array.Clear(_marks, 0, Count);
        Array.Clear(_newest);
        Array.Clear(_older);
        _merges.Clear();
        _touchedCount = 0;
        Count = 0;
    }

    /// <summary>Puts a session into its lane, which has no other that overlaps or touches it.</summary>
    private void Index(int slot)
    {
        int lane = _sessions[slot].Lane;
        int newest = _newest[lane] - 1;
        if (newest < 0)
        {
            _newest[lane] = slot + 1;
        }
        else if (_sessions[newest].Start < _sessions[slot].Start)
        {
            (_older[lane] ??= []).Add(newest);
            _newest[lane] = slot + 1;
        }
        else
        {
            List<int> older = _older[lane] ??= [];
            older.Insert(FirstThatEndsAtOrAfter(older, _sessions[slot].Start), slot);
        }
    }

    /// <summary>Adds an interval that begins before the newest session of its lane.</summary>
    private int AddOutOfOrder(int lane, TimeWindow interval)
    {
        // The sessions of the lane by start: the older ones, then the newest at index older.Count.
        List<int> older = _older[lane] ??= [];
        int first = FirstThatEndsAtOrAfter(older, interval.Start);
        int end = first;
        while (end <= older.Count && _sessions[At(end)].Start <= interval.End)
        {
            end++;
        }

        if (end == first)
        {
            int created = Create(lane, interval);
            older.Insert(first, created);
            return created;
        }

        int survivor = At(first);
        ref Session session = ref _sessions[survivor];
        session.Start = Math.Min(session.Start, interval.Start);
        session.End = Math.Max(_sessions[At(end - 1)].End, interval.End);
        for (int i = first + 1; i < end; i++)
        {
            Merge(survivor, At(i));
        }

        if (end > older.Count)
        {
            _newest[lane] = survivor + 1;
            older.RemoveRange(first, older.Count - first);
        }
        else
        {
            older.RemoveRange(first + 1, end - first - 1);
        }

        return survivor;

        int At(int index) => index < older.Count ? older[index] : _newest[lane] - 1;
    }

    private int FirstThatEndsAtOrAfter(List<int> older, long instant)
    {
        int low = 0;
        int high = older.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_sessions[older[middle]].End < instant)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private void Merge(int into, int from)
    {
        ref Session merged = ref _sessions[from];
        _sessions[into].Events += merged.Events;
        merged.Events = 0;
        merged.MergedInto = into + 1;
        _merges.Add((into, from));
        Touch(from);
    }

    private int Create(int lane, TimeWindow interval)
    {
        int slot = Count++;
        if (slot == _sessions.Length)
        {
            int capacity = slot * 2;
            Array.Resize(ref _sessions, capacity);
            Array.Resize(ref _marks, capacity);
            Array.Resize(ref _touched, capacity);
        }

        _sessions[slot] = new Session { Start = interval.Start, End = interval.End, Lane = lane };
        return slot;
    }

    private void Touch(int slot)
    {
        if ((_marks[slot] & Marks.Touched) == 0)
        {
            _marks[slot] |= Marks.Touched;
            _touched[_touchedCount++] = slot;
        }
    }

    /// <summary>What a slot stands for.</summary>
    internal struct Session
    {
        /// <summary>The first instant.</summary>
        public long Start;

        /// <summary>The first instant after it.</summary>
        public long End;

        /// <summary>How many events it has.</summary>
        public long Events;

        /// <summary>Key and missed.</summary>
        public int Lane;

        /// <summary>The slot + 1 that it has become part of; 0 while it stands for itself.</summary>
        public int MergedInto;

        /// <summary>The id of the key.</summary>
        public readonly int Key => Lane >> 1;

        /// <summary>1 when its events came too late, 0 otherwise.</summary>
        public readonly int Missed => Lane & 1;

        /// <summary>Start and end.</summary>
        public readonly TimeWindow Interval => new(Start, End);
    }
}
