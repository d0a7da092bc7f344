namespace Lambda.Batch.Recompute.Parts;

/// <summary>
/// Watches the parts of a run that are handed out, and says which of them nobody else will do. Whether somebody is alive is told by the changes of their signs of
/// life and this process's own clock, so that no two clocks have to agree.
/// </summary>
internal sealed class PartWatch(IPartQueue queue, TimeProvider time)
{
    /// <summary>After how long without a sign of life a worker is taken for dead. Several times what lies between two of them.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    /// <summary>A worker that takes longer than this, and is slower than so many events a second besides, is taken for stuck.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private const int LeastEventsPerSecond = 10_000;

    private readonly Dictionary<int, Outstanding> _parts = [];
    private readonly Dictionary<string, (DateTime Sign, long At)> _alive = new(StringComparer.Ordinal);
    private long _newsAt = time.GetTimestamp();

    /// <summary>The parts that have no result yet.</summary>
    public IReadOnlyCollection<int> Open => _parts.Keys;

    /// <summary>Whether nobody who takes parts has given a sign of life for long.</summary>
    public bool IsNobodyThere => time.GetElapsedTime(_newsAt) > Silence;

    /// <summary>Takes note of a part that was handed out.</summary>
    public void Add(int part, string job, long events) => _parts.Add(
        part, new Outstanding(job, Patience + TimeSpan.FromSeconds((double)events / LeastEventsPerSecond)));

    /// <summary>Takes note that a part has a result, or that nobody else is to compute it.</summary>
    /// <returns>Its job.</returns>
    public string Remove(int part)
    {
        _parts.Remove(part, out Outstanding? found);
        return found!.Job;
    }

    /// <summary>
    /// Looks where the parts stand. One that has ended, or whose worker is gone, is handed out once more, unless it turns out to have a result.
    /// </summary>
    /// <returns>The parts that have had their chances, if they turn out not to have a result.</returns>
    public IReadOnlyList<int> FindLeft()
    {
        foreach ((string worker, DateTime sign) in queue.SignsOfLife())
        {
            if (!_alive.TryGetValue(worker, out (DateTime Sign, long At) known) || known.Sign != sign)
            {
                _alive[worker] = (sign, time.GetTimestamp());
                _newsAt = time.GetTimestamp();
            }
        }

        bool isNobodyThere = IsNobodyThere;
        List<int> left = [];
        foreach ((int part, Outstanding found) in _parts)
        {
            found.IsOver = IsOver(found, queue.Find(found.Job));
            if (isNobodyThere || (found.IsOver && found.IsSecondChance))
            {
                left.Add(part);
            }
        }

        return left;
    }

    /// <summary>Hands out again what was found to be over at the last look and has no result.</summary>
    /// <returns>Those parts.</returns>
    public IReadOnlyList<int> EnqueueAgain()
    {
        List<int> again = [];
        foreach ((int part, Outstanding found) in _parts.Where(entry => entry.Value.IsOver))
        {
            queue.EnqueueAgain(found.Job);
            found.IsOver = false;
            found.IsSecondChance = true;
            found.Worker = null;
            again.Add(part);
        }

        return again;
    }

    /// <summary>Takes back everything that is not done.</summary>
    public void WithdrawAll()
    {
        foreach (Outstanding found in _parts.Values)
        {
            queue.Withdraw(found.Job);
        }
    }

    private bool IsOver(Outstanding found, PartJobState state)
    {
        if (state is not PartJobState.Working working)
        {
            return state is PartJobState.Ended;
        }

        if (found.Worker != working.Worker)
        {
            found.Worker = working.Worker;
            found.WorkingSince = time.GetTimestamp();

            // One that no sign of life was ever seen of is watched from now on.
            _alive.TryAdd(working.Worker, (default, time.GetTimestamp()));
        }

        return time.GetElapsedTime(_alive[working.Worker].At) > Silence || time.GetElapsedTime(found.WorkingSince) > found.Most;
    }

    /// <summary>A part that is handed out.</summary>
    private sealed class Outstanding(string job, TimeSpan most)
    {
        public string Job { get; } = job;

        /// <summary>How long somebody may be at work on it.</summary>
        public TimeSpan Most { get; } = most;

        /// <summary>Who was seen at work on it last; null when nobody was.</summary>
        public string? Worker { get; set; }

        /// <summary>Since when, by the clock that never jumps.</summary>
        public long WorkingSince { get; set; }

        /// <summary>Whether it was handed out again.</summary>
        public bool IsSecondChance { get; set; }

        /// <summary>Whether it was found to be over at the last look.</summary>
        public bool IsOver { get; set; }
    }
}
