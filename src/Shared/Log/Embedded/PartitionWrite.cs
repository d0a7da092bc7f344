using RocksDbSharp;

namespace Lambda.Log.Embedded;

/// <summary>What one group commit writes to one partition. Reused from group to group.</summary>
internal sealed class PartitionWrite(PartitionState partition)
{
    private long _next;
    private long _appendedAt;

    // A write that failed may yet come back when the store recovers its own log. Its chunks must not stand between later ones.
    private bool _mayHaveLeftChunks;

    public ChunkBuilder Chunk { get; } = new();

    public bool IsStarted { get; private set; }

    public void Start(long now, WriteBatch batch)
    {
        IsStarted = true;
        _next = partition.End;
        _appendedAt = Math.Max(now, partition.LastAppendedAt);
        if (_mayHaveLeftChunks)
        {
            DeleteFrom(_next, batch);
        }
    }

    /// <summary>Puts the records collected so far into the batch, as a chunk.</summary>
    public void PutChunk(WriteBatch batch)
    {
        if (Chunk.Count == 0)
        {
            return;
        }

        Span<byte> key = stackalloc byte[StoreKey.ChunkLength];
        StoreKey.WriteChunk(key, partition.Stream.Id, partition.Index, _next);
        batch.Put(key, Chunk.Finish(_appendedAt));
        _next += Chunk.Count;
        Chunk.Clear();
    }

    public void Finish(bool written)
    {
        if (written)
        {
            partition.Publish(_next, _appendedAt);
        }

        _mayHaveLeftChunks = !written;
        Chunk.Clear();
        IsStarted = false;
    }

    private unsafe void DeleteFrom(long offset, WriteBatch batch)
    {
        byte* start = stackalloc byte[StoreKey.ChunkLength];
        byte* limit = stackalloc byte[StoreKey.ChunkLength];
        StoreKey.WriteChunk(new Span<byte>(start, StoreKey.ChunkLength), partition.Stream.Id, partition.Index, offset);
        StoreKey.WriteChunk(new Span<byte>(limit, StoreKey.ChunkLength), partition.Stream.Id, partition.Index, long.MaxValue);
        batch.DeleteRange(start, StoreKey.ChunkLength, limit, StoreKey.ChunkLength, null!);
    }
}
