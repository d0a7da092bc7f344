using Lambda.Log;
using Lambda.Store;

namespace Lambda.Bench.Soak;

/// <summary>Sends visits as fast as they are computed: what is not committed stays within a limit, so that the log does not become the buffer.</summary>
internal sealed class SoakLoad(IEventLog log, IViewStore store, VisitMaker maker, bool trims)
{
    private const int PerAppend = 8192;
    private const long MostAhead = 1_000_000;
    private const int AppendsBetweenLooks = 16;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);

    private long _sent;

    /// <summary>How many visits were sent.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Sends the next visits.</summary>
    /// <param name="count">How many.</param>
    /// <param name="onAppended">Called after each append.</param>
    public async Task SendAsync(long count, Action onAppended)
    {
        using RecordBatch records = new(PerAppend, PerAppend * 256);
        long end = _sent + count;
        for (int append = 1; _sent < end; append++)
        {
            records.Clear();
            int next = (int)Math.Min(PerAppend, end - _sent);
            maker.Add(records, _sent, next);
            await log.AppendAsync(Visit.StreamName, records, CancellationToken.None);
            Volatile.Write(ref _sent, _sent + next);
            onAppended();
            if (append % AppendsBetweenLooks == 0)
            {
                await WaitAsync(MostAhead);
            }
        }
    }

    /// <summary>Waits until all but so many are committed.</summary>
    public async Task WaitAsync(long ahead)
    {
        while (await ReadCommittedAsync() < Sent - ahead)
        {
            await Task.Delay(Look);
        }
    }

    private async Task<long> ReadCommittedAsync()
    {
        StreamStatus status = await store.ReadStreamAsync(Visit.StreamName, CancellationToken.None)
            ?? throw new InvalidOperationException("The stream is not registered.");
        if (trims)
        {
            foreach (PartitionStatus partition in status.Partitions)
            {
                await log.TrimAsync(Visit.StreamName, partition.Partition, partition.NextOffset, CancellationToken.None);
            }
        }

        return status.Partitions.Sum(partition => partition.NextOffset);
    }
}
