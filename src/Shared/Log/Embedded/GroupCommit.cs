using Lambda.Time;
using RocksDbSharp;

namespace Lambda.Log.Embedded;

/// <summary>
/// The appends that share one synced write: cuts their records into one chunk or a few per partition, writes all of them or none, then
/// lets readers see them. For the writer's thread only.
/// </summary>
internal sealed class GroupCommit(LogFolder folder, TimeProvider time) : IDisposable
{
    // A reader that starts inside a chunk walks over it from its beginning, so chunks stay small.
    private const int MaxChunkBytes = 128 << 10;

    private readonly WriteBatch _batch = new();
    private readonly List<AppendRequest> _requests = [];
    private readonly Dictionary<PartitionState, PartitionWrite> _writes = [];
    private readonly List<PartitionWrite> _touched = [];

    /// <summary>The bytes of keys and values in the group so far.</summary>
    public long Bytes { get; private set; }

    public void Add(AppendRequest request)
    {
        _requests.Add(request);
        Bytes += request.Records.ByteCount;
    }

    /// <summary>Makes the group durable and completes its appends, or fails them all with the reason. Then the group is empty.</summary>
    public void Complete()
    {
        if (_requests.Count == 0)
        {
            return;
        }

        Exception? failure = null;
        try
        {
            Encode();
            folder.Store.Write(_batch);
            folder.Mark.Advance(folder.Store.LatestSequence);
        }
        catch (Exception e) when (e is RocksDbException or IOException or OutOfMemoryException)
        {
            failure = new EventLogException(
                $"The log folder '{folder.Path}' cannot be written: {e.Message} Nothing of this append is acknowledged. If the disk is full, make "
                + "a few hundred megabytes of room: appends work again within seconds. Otherwise put right what the message says and restart the process.",
                e);
        }

        foreach (PartitionWrite write in _touched)
        {
            write.Finish(failure is null);
        }

        foreach (AppendRequest request in _requests)
        {
            if (failure is null)
            {
                request.Succeed();
            }
            else
            {
                request.Fail(failure);
            }
        }

        _batch.Clear();
        _touched.Clear();
        _requests.Clear();
        Bytes = 0;
    }

    public void Dispose() => _batch.Dispose();

    private void Encode()
    {
        long now = UtcMicroseconds.From(time.GetUtcNow());
        foreach (AppendRequest request in _requests)
        {
            RecordBatch records = request.Records;
            PartitionState[] partitions = request.Stream.Partitions;
            for (int i = 0; i < records.Count; i++)
            {
                ReadOnlySpan<byte> key = records.Key(i);
                ReadOnlySpan<byte> value = records.Value(i);
                PartitionWrite write = WriteTo(partitions[KeyPartitioner.Partition(key.IsEmpty ? value : key, partitions.Length)], now);
                write.Chunk.Add(key, value);
                if (write.Chunk.Length >= MaxChunkBytes)
                {
                    write.PutChunk(_batch);
                }
            }
        }

        foreach (PartitionWrite write in _touched)
        {
            write.PutChunk(_batch);
        }
    }

    private PartitionWrite WriteTo(PartitionState partition, long now)
    {
        if (!_writes.TryGetValue(partition, out PartitionWrite? write))
        {
            write = new PartitionWrite(partition);
            _writes.Add(partition, write);
        }

        if (!write.IsStarted)
        {
            write.Start(now, _batch);
            _touched.Add(write);
        }

        return write;
    }
}
