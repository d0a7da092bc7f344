using System.Buffers.Binary;
using RocksDbSharp;

namespace Lambda.Log.Embedded;

/// <summary>Removes the oldest chunks of a partition. For the writer's thread only.</summary>
internal sealed class PartitionTrim(LogFolder folder, PartitionState partition)
{
    /// <summary>Makes <paramref name="before"/> the durable low offset, drops the chunks wholly below it and returns it.</summary>
    /// <exception cref="EventLogException">The chunk at <paramref name="before"/> cannot be read.</exception>
    /// <exception cref="RocksDbException">The store cannot write.</exception>
    public unsafe long Apply(long before, Action<WriteBatch> write)
    {
        // The chunk that holds the new low offset stays whole.
        long firstKept = before == partition.End ? before : new PartitionReader(folder).ChunkStart(partition, before);
        Span<byte> lowKey = stackalloc byte[StoreKey.LowLength];
        StoreKey.WriteLow(lowKey, partition.Stream.Id, partition.Index);
        Span<byte> low = stackalloc byte[StreamCatalog.LowValueLength];
        BinaryPrimitives.WriteInt64BigEndian(low, before);
        BinaryPrimitives.WriteInt64BigEndian(low[8..], partition.LastAppendedAt);
        using var batch = new WriteBatch();
        batch.Put(lowKey, low);
        if (firstKept == 0)
        {
            // The store gives an empty range a number that it does not find again when it recovers.
            write(batch);
            return before;
        }

        byte* from = stackalloc byte[StoreKey.ChunkLength];
        byte* to = stackalloc byte[StoreKey.ChunkLength];
        StoreKey.WriteChunk(new Span<byte>(from, StoreKey.ChunkLength), partition.Stream.Id, partition.Index, 0);
        StoreKey.WriteChunk(new Span<byte>(to, StoreKey.ChunkLength), partition.Stream.Id, partition.Index, firstKept);
        batch.DeleteRange(from, StoreKey.ChunkLength, to, StoreKey.ChunkLength, null!);
        write(batch);
        DropFiles(new ReadOnlySpan<byte>(from, StoreKey.ChunkLength), new ReadOnlySpan<byte>(to, StoreKey.ChunkLength));
        return before;
    }

    private void DropFiles(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        try
        {
            folder.Store.DropFiles(from, to);
        }
        catch (RocksDbException)
        {
            // The records are gone already; only their disk space comes back later, with the next compaction.
        }
    }
}
