using Lambda.Batch.Telemetry;
using Microsoft.Extensions.Logging;

namespace Lambda.Batch.Recompute.Parts;

/// <summary>The gathering of one run.</summary>
internal sealed class PartGathering(
    IPartQueue queue, TimeProvider time, ILogger logger, string stream, RunFolder folder, PartOrder order, GatheredParts gathered,
    IReadOnlyList<PlannedPart> parts, IProgress<RunProgress> progress)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(500);

    /// <summary>How often is looked for results in the time of one look where the jobs stand, which takes a query for each.</summary>
    private const int LooksPerJobs = 4;

    private readonly PartWatch _watch = new(queue, time);

    /// <summary>By worker, how many parts it has computed.</summary>
    private readonly SortedDictionary<string, int> _workers = new(StringComparer.Ordinal);
    private readonly SortedSet<int> _missing = [.. Enumerable.Range(0, parts.Count)];

    /// <summary>Hands all parts out, and ends when each has been added.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        progress.Report(RunProgress.ReadingParts(0, parts.Count));
        IReadOnlyList<int> own = HandOut();
        foreach (int part in own)
        {
            await ComputeAsync(part, "it could not be handed out", cancellationToken).ConfigureAwait(false);
        }

        for (int look = 0; _watch.Open.Count > 0; look++)
        {
            // First the jobs, then the results: one that has ended without a result by then has none.
            bool isForJobs = look % LooksPerJobs == 0;
            IReadOnlyList<int> left = isForJobs ? FindLeft() : [];
            IReadOnlySet<int> found = await folder.FindResultsAsync(cancellationToken).ConfigureAwait(false);
            foreach (int part in _watch.Open.Where(found.Contains).Order().ToList())
            {
                await AddAsync(part, cancellationToken).ConfigureAwait(false);
            }

            if (left.FirstOrDefault(_watch.Open.Contains, -1) is int next and >= 0)
            {
                Try(() => queue.Withdraw(_watch.Remove(next)));
                await ComputeAsync(next, "nobody else has come to an end with it", cancellationToken).ConfigureAwait(false);
                look = -1;
                continue;
            }

            if (isForJobs)
            {
                Try(EnqueueAgain);
            }

            if (_watch.Open.Count > 0)
            {
                await Task.Delay(BetweenLooks, time, cancellationToken).ConfigureAwait(false);
            }
        }

        BatchLog.PartsGathered(
            logger, stream, parts.Count, folder.Run, string.Join("; ", _workers.Select(worker => $"{worker.Key}: {worker.Value}")));
    }

    /// <summary>Takes back what is not done: for a run that is broken off.</summary>
    public void WithdrawAll() => Try(_watch.WithdrawAll);

    /// <summary>Hands out what can be, and gives what cannot.</summary>
    private IReadOnlyList<int> HandOut()
    {
        BatchLog.PartsHandedOut(logger, stream, folder.Run, parts.Count);
        Try(() =>
        {
            for (int part = 0; part < parts.Count; part++)
            {
                _watch.Add(part, queue.Enqueue(stream, folder.Run, part), parts[part].Events);
            }
        });
        return [.. Enumerable.Range(0, parts.Count).Except(_watch.Open)];
    }

    private void EnqueueAgain()
    {
        foreach (int part in _watch.EnqueueAgain())
        {
            BatchLog.PartHandedOutAgain(logger, stream, part, folder.Run);
        }
    }

    private IReadOnlyList<int> FindLeft()
    {
        IReadOnlyList<int>? left = null;
        Try(() => left = _watch.FindLeft());
        return left ?? (_watch.IsNobodyThere ? [.. _watch.Open] : []);
    }

    private async Task AddAsync(int part, CancellationToken cancellationToken)
    {
        _watch.Remove(part);
        string worker;
        try
        {
            worker = await gathered.AddAsync(folder, order.IdentityOf(folder.Run, part), cancellationToken).ConfigureAwait(false);
        }
        catch (PartFormatException error)
        {
            await ComputeAsync(part, error.Message, cancellationToken).ConfigureAwait(false);
            return;
        }

        await DoneAsync(part, worker, cancellationToken).ConfigureAwait(false);
    }

    private async Task ComputeAsync(int part, string reason, CancellationToken cancellationToken)
    {
        BatchLog.PartTakenBack(logger, stream, part, folder.Run, reason);
        await gathered.ComputeAsync(parts[part].Dates, cancellationToken).ConfigureAwait(false);
        await DoneAsync(part, "the run itself", cancellationToken).ConfigureAwait(false);
    }

    private async Task DoneAsync(int part, string worker, CancellationToken cancellationToken)
    {
        _missing.Remove(part);
        await gathered.ReleaseAsync(_missing.Count == 0 ? null : _missing.Min(missing => parts[missing].Dates.Min()), cancellationToken).ConfigureAwait(false);
        _workers[worker] = _workers.GetValueOrDefault(worker) + 1;
        progress.Report(RunProgress.ReadingParts(parts.Count - _missing.Count, parts.Count));
    }

    /// <summary>Does what needs the storage of the jobs, without which the run gets along.</summary>
    private void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception error)
        {
            BatchLog.PartsUnanswered(logger, error, stream, folder.Run);
        }
    }
}
