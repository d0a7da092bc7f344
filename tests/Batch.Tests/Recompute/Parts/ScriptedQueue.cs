using System.Globalization;
using Lambda.Batch.Recompute.Parts;

namespace Lambda.Batch.Tests.Recompute.Parts;

/// <summary>What becomes of a part that somebody takes.</summary>
internal enum Fate
{
    /// <summary>It is computed.</summary>
    Done,

    /// <summary>Its worker fails.</summary>
    Fails,

    /// <summary>Its worker is killed before it has a result.</summary>
    Dies,

    /// <summary>Its worker lives on and never comes to an end.</summary>
    Hangs,

    /// <summary>Its worker ends without a result.</summary>
    EndsForNothing,

    /// <summary>Nobody takes it.</summary>
    Waits,
}

/// <summary>A queue whose workers do at once, and on the caller's thread, what a test has in mind.</summary>
/// <param name="worker">Computes parts.</param>
/// <param name="fate">What becomes of a part, by how many times it was handed out before.</param>
internal sealed class ScriptedQueue(PartWorker worker, Func<int, int, Fate> fate) : IPartQueue
{
    private readonly List<(string Stream, Guid Run, int Part)> _jobs = [];
    private readonly Dictionary<string, PartJobState> _states = [];
    private readonly Dictionary<int, int> _handedOut = [];
    private long _signs;

    /// <summary>The jobs that were taken back.</summary>
    public List<string> Withdrawn { get; } = [];

    /// <summary>Why parts were refused.</summary>
    public List<string> Refusals { get; } = [];

    /// <summary>By part, how many times it was handed out.</summary>
    public IReadOnlyDictionary<int, int> HandedOut => _handedOut;

    /// <summary>Whether the storage of the jobs answers.</summary>
    public bool IsAway { get; set; }

    /// <summary>Whether there is anybody who takes parts.</summary>
    public bool IsAnybodyThere { get; set; } = true;

    /// <summary>Told the run, when a part has been dealt with.</summary>
    public Action<Guid, int>? After { get; set; }

    public string Enqueue(string stream, Guid run, int part)
    {
        RequireThere();
        string job = _jobs.Count.ToString(CultureInfo.InvariantCulture);
        _jobs.Add((stream, run, part));
        Take(job);
        return job;
    }

    public void EnqueueAgain(string job)
    {
        RequireThere();
        Take(job);
    }

    public void Withdraw(string job)
    {
        RequireThere();
        Withdrawn.Add(job);
    }

    public PartJobState Find(string job)
    {
        RequireThere();
        return _states[job];
    }

    public IReadOnlyDictionary<string, DateTime> SignsOfLife()
    {
        RequireThere();
        return IsAnybodyThere ? new Dictionary<string, DateTime> { ["alive"] = new(++_signs), ["dead"] = new(1) } : [];
    }

    private void RequireThere()
    {
        if (IsAway)
        {
            throw new IOException("The storage of the jobs is away.");
        }
    }

    private void Take(string job)
    {
        (string stream, Guid run, int part) = _jobs[int.Parse(job, CultureInfo.InvariantCulture)];
        int before = _handedOut.GetValueOrDefault(part);
        _handedOut[part] = before + 1;
        Fate becomes = fate(part, before);
        if (becomes == Fate.Done)
        {
            try
            {
                worker.RunAsync(stream, run, part, TestContext.Current.CancellationToken).GetAwaiter().GetResult();
            }
            catch (PartRefusedException error)
            {
                Refusals.Add(error.Message);
            }
        }

        _states[job] = becomes switch
        {
            Fate.Dies => new PartJobState.Working("dead"),
            Fate.Hangs => new PartJobState.Working("alive"),
            Fate.Waits => new PartJobState.Waiting(),
            _ => new PartJobState.Ended(),
        };
        After?.Invoke(run, part);
    }
}
