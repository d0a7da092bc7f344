using System.Diagnostics;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;

namespace Lambda.Bench;

/// <summary>The owner of a partition, which commits <see cref="NumberedPartials"/> as the speed layer would.</summary>
internal sealed class PartitionWriter
{
    private readonly IViewStore _store;
    private readonly PartialLayout _layout;
    private readonly int _partition;
    private readonly PartitionClaim _claim;
    private readonly int _live;
    private readonly int _step;
    private readonly Random _random;
    private readonly HashSet<int> _touched = [];
    private readonly Lock _gate = new();
    private Task<double> _last = Task.FromResult(0.0);
    private long _epoch;
    private long _sealedAt;
    private long _events;
    private long _maxEventTime;

    private PartitionWriter(IViewStore store, PartialLayout layout, int partition, PartitionClaim claim, int live, int step)
    {
        _store = store;
        _layout = layout;
        _partition = partition;
        _claim = claim;
        _live = live;
        _step = step;
        _random = new Random(partition);
        _epoch = claim.Epoch;
        NextOffset = claim.NextOffset;
    }

    public long NextOffset { get; private set; }

    /// <summary>Claims a partition and gives it so many partials, in epochs as large as the memory of the speed layer makes them.</summary>
    /// <param name="store">The store.</param>
    /// <param name="layout">The view's.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="live">How many partials it gets.</param>
    /// <param name="step">How many offsets a commit stands for.</param>
    public static async Task<PartitionWriter> FillAsync(IViewStore store, PartialLayout layout, int partition, int live, int step)
    {
        const int BatchRows = 50_000;
        const int EpochRows = 500_000;
        PartitionClaim claim = await store.ClaimAsync(layout.Stream, partition, CancellationToken.None);
        PartitionWriter writer = new(store, layout, partition, claim, live, step);
        for (int first = 0; first < live; first += BatchRows)
        {
            if (first > 0 && first % EpochRows == 0)
            {
                await writer.SealAsync();
            }

            PartialBatch batch = NumberedPartials.Of(layout, first, Math.Min(BatchRows, live - first), 1);
            batch.FirstNew = 0;
            await writer.CommitAsync(batch);
        }

        return writer;
    }

    /// <summary>Commits partials picked at random, and says how many milliseconds it took.</summary>
    public Task<double> CommitAsync(int touched)
    {
        _events++;
        _touched.Clear();
        while (_touched.Count < Math.Min(touched, _live))
        {
            _touched.Add(_random.Next(_live));
        }

        PartialBatch batch = new(_layout);
        foreach (int number in _touched)
        {
            NumberedPartials.Add(batch, number, _events);
        }

        return CommitAsync(batch);
    }

    /// <summary>Ends the epoch.</summary>
    /// <returns>Where it ends.</returns>
    public async Task<long> SealAsync()
    {
        await InTurnAsync(new PartialBatch(_layout), EpochEnd.Seal);
        return _sealedAt;
    }

    private Task<double> CommitAsync(PartialBatch batch) => InTurnAsync(batch, EpochEnd.KeepOpen);

    /// <summary>Commits of an owner come one after the other, whoever asks for them.</summary>
    private Task<double> InTurnAsync(PartialBatch batch, EpochEnd end)
    {
        lock (_gate)
        {
            return _last = AfterAsync(_last, batch, end);
        }
    }

    private async Task<double> AfterAsync(Task before, PartialBatch batch, EpochEnd end)
    {
        await before;
        return await WriteAsync(batch, end);
    }

    private async Task<double> WriteAsync(PartialBatch batch, EpochEnd end)
    {
        NextOffset += _step;
        _maxEventTime = batch.Starts.Values.Length == 0 ? _maxEventTime : Math.Max(_maxEventTime, batch.Starts.Values[^1]);
        SpeedCommit commit = new()
        {
            Stream = _layout.Stream,
            Partition = _partition,
            Fence = _claim.Fence,
            Epoch = _epoch,
            NextOffset = NextOffset,
            MaxEventTime = _maxEventTime,
            LastAppendedAt = NextOffset,
            Tally = new EventTally(_step, 0),
            Partials = [batch],
            Quarantine = [],
            EpochEnd = end,
        };
        long started = Stopwatch.GetTimestamp();
        await _store.CommitAsync(commit, CancellationToken.None);
        if (end == EpochEnd.Seal)
        {
            _epoch++;
            _sealedAt = NextOffset;
        }

        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }
}
