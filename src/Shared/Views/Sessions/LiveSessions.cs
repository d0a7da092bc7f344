using Lambda.Time;
using Lambda.Windows;

namespace Lambda.Views.Sessions;

/// <summary>
/// Decides which events of a partition are late for their session. It keeps the sessions, of events that came in time, which the watermark has not refused
/// yet. An event whose own interval is not refused is in time, and so is one that touches such a session: it joins it. A session that was
/// refused takes no part any more, as in Apache Flink, where its state is gone: what comes after it is judged as if it had not been. So a judgement
/// depends on the events of the partition before it alone, and only on those of live sessions.
/// </summary>
internal sealed class LiveSessions(long allowedLateness)
{
    private const int InitialSessions = 32;

    private Session[] _sessions = new Session[InitialSessions];

    /// <summary>How many places of <see cref="_sessions"/> were ever used; places that are free again hang together from <see cref="_free"/>.</summary>
    private int _used;

    /// <summary>Place + 1 of a free place, 0 when there is none.</summary>
    private int _free;

    /// <summary>
    /// By key the place + 1 of its first session, 0 when there is none. Sessions of a key that are live neither overlap nor touch, and are linked
    /// by start, the latest first; between them may stand some that were refused since.
    /// </summary>
    private int[] _first = new int[InitialSessions];
    private int _sweepAt = InitialSessions;
    private long _watermark = WatermarkTracker.None;

    /// <summary>How many sessions are kept, those included that were refused and have not been removed yet.</summary>
    public int Count { get; private set; }

    /// <summary>Roughly how many bytes it takes.</summary>
    public long ByteCount => (_sessions.Length * 24L) + (_first.Length * 4L);

    /// <summary>Judges an event and, if it is in time, lets it extend, join or begin a session.</summary>
    /// <param name="key">The id of its key.</param>
    /// <param name="interval">Its interval.</param>
    /// <param name="watermark">The watermark before it; never lower than at an earlier call.</param>
    /// <returns>Whether it is in time.</returns>
    public bool Takes(int key, TimeWindow interval, long watermark)
    {
        _watermark = watermark;
        if (key >= _first.Length)
        {
            Array.Resize(ref _first, Math.Max(key + 1, _first.Length * 2));
        }

        int joined = 0;
        int before = 0;
        for (int place = _first[key]; place > 0;)
        {
            Session session = _sessions[place - 1];
            if (IsRefused(session.Interval))
            {
                Remove(key, before, place);
            }
            else if (session.Interval.End < interval.Start)
            {
                break;
            }
            else if (session.Interval.Start > interval.End)
            {
                before = place;
            }
            else
            {
                interval = interval.Union(session.Interval);
                if (joined == 0)
                {
                    joined = place;
                    before = place;
                }
                else
                {
                    Remove(key, before, place);
                }
            }

            place = session.Next;
        }

        if (joined > 0)
        {
            _sessions[joined - 1].Interval = interval;
            return true;
        }

        if (IsRefused(interval))
        {
            return false;
        }

        Insert(key, before, interval);
        return true;
    }

    /// <summary>Adds what is known of a session from before, unless the watermark has refused it. Parts of one session join.</summary>
    public void Restore(int key, TimeWindow session, long watermark)
    {
        if (!session.Refuses(watermark, allowedLateness))
        {
            Takes(key, session, watermark);
        }
    }

    /// <summary>The live session that an interval of events is part of; null when it has been refused.</summary>
    public TimeWindow? Find(int key, TimeWindow interval)
    {
        for (int place = key < _first.Length ? _first[key] : 0; place > 0; place = _sessions[place - 1].Next)
        {
            TimeWindow session = _sessions[place - 1].Interval;
            if (session.Touches(interval) && !IsRefused(session))
            {
                return session;
            }
        }

        return null;
    }

    /// <summary>All live sessions, as pairs of key id and interval.</summary>
    public IReadOnlyList<(int Key, TimeWindow Interval)> ToList()
    {
        List<(int Key, TimeWindow Interval)> live = new(Count);
        for (int key = 0; key < _first.Length; key++)
        {
            for (int place = _first[key]; place > 0; place = _sessions[place - 1].Next)
            {
                if (!IsRefused(_sessions[place - 1].Interval))
                {
                    live.Add((key, _sessions[place - 1].Interval));
                }
            }
        }

        return live;
    }

    /// <summary>Removes all sessions; buffers stay.</summary>
    public void Clear()
    {
        Array.Clear(_first);
        _used = 0;
        _free = 0;
        Count = 0;
    }

    private bool IsRefused(TimeWindow session) => session.Refuses(_watermark, allowedLateness);

    private void Insert(int key, int before, TimeWindow interval)
    {
        int place = _free;
        if (place > 0)
        {
            _free = _sessions[place - 1].Next;
        }
        else
        {
            if (_used == _sessions.Length)
            {
                Array.Resize(ref _sessions, _used * 2);
            }

            place = ++_used;
        }

        ref int link = ref LinkAfter(key, before);
        _sessions[place - 1] = new Session { Interval = interval, Next = link };
        link = place;
        if (++Count > _sweepAt)
        {
            Sweep();
        }
    }

    /// <summary>Takes a session out of the list of its key.</summary>
    private void Remove(int key, int before, int place)
    {
        LinkAfter(key, before) = _sessions[place - 1].Next;
        _sessions[place - 1].Next = _free;
        _free = place;
        Count--;
    }

    private ref int LinkAfter(int key, int before)
    {
        if (before == 0)
        {
            return ref _first[key];
        }

        return ref _sessions[before - 1].Next;
    }

    /// <summary>Removes what was refused, at intervals that make its cost a small one for each session.</summary>
    private void Sweep()
    {
        for (int key = 0; key < _first.Length; key++)
        {
            int before = 0;
            for (int place = _first[key]; place > 0;)
            {
                int next = _sessions[place - 1].Next;
                if (IsRefused(_sessions[place - 1].Interval))
                {
                    Remove(key, before, place);
                }
                else
                {
                    before = place;
                }

                place = next;
            }
        }

        _sweepAt = (2 * Count) + _first.Length;
    }

    private struct Session
    {
        public TimeWindow Interval;

        /// <summary>The place + 1 of the key's next session, or of the next free place; 0 at the end.</summary>
        public int Next;
    }
}
