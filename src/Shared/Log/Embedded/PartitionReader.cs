using RocksDbSharp;

namespace Lambda.Log.Embedded;

/// <summary>Reads stored chunks. Safe for any number of threads.</summary>
internal sealed class PartitionReader(LogFolder folder)
{
    /// <summary>Fills <paramref name="destination"/> with the records from <paramref name="offset"/> on.</summary>
    /// <exception cref="OffsetTrimmedException">The record at <paramref name="offset"/> is gone.</exception>
    /// <exception cref="EventLogException">The record at <paramref name="offset"/> cannot be read.</exception>
    public void Read(PartitionState partition, long offset, RecordBatch destination)
    {
        destination.BeginRead(offset);
        partition.ThrowIfTrimmed(offset);
        long end = partition.End;
        long next = offset;
        if (next >= end)
        {
            return;
        }

        try
        {
            using RocksCursor cursor = folder.Store.OpenCursor();
            Span<byte> key = stackalloc byte[StoreKey.ChunkLength];
            StoreKey.WriteChunk(key, partition.Stream.Id, partition.Index, next);
            bool there = cursor.SeekAtOrBefore(key);
            while (AddChunk(cursor, there, partition, ref next, end, destination) && next < end)
            {
                there = cursor.MoveNext();
            }
        }
        catch (RocksDbException e) when (destination.Count == 0)
        {
            throw Damage.Unreadable(folder, partition, next, e);
        }
        catch (Exception e) when (e is RocksDbException or EventLogException && destination.Count > 0)
        {
            // The records before the damaged place are good. The next call starts at that place and names it.
        }
    }

    /// <summary>The first offset that was appended at <paramref name="time"/> (UTC microseconds) or later; the end when there is none.</summary>
    /// <exception cref="EventLogException">A chunk on the way cannot be read.</exception>
    public long Find(PartitionState partition, long time)
    {
        // Append times never decrease, and the records of a chunk share one: halve the range chunk by chunk.
        // The end is taken before and the low offset after the cursor, so that the cursor sees every chunk between them.
        long high = partition.End;
        using RocksCursor cursor = folder.Store.OpenCursor();
        long low = partition.TrimmedTo;
        while (low < high)
        {
            long middle = low + ((high - low) / 2);
            (OffsetRange chunk, long appendedAt) = ChunkAt(cursor, partition, middle);
            if (appendedAt >= time)
            {
                // A chunk may begin below the low offset.
                high = Math.Max(low, chunk.Start);
            }
            else
            {
                low = chunk.End;
            }
        }

        return low;
    }

    /// <summary>The offset of the first record of the chunk that holds <paramref name="offset"/>.</summary>
    /// <exception cref="EventLogException">The chunk cannot be read.</exception>
    public long ChunkStart(PartitionState partition, long offset)
    {
        using RocksCursor cursor = folder.Store.OpenCursor();
        return ChunkAt(cursor, partition, offset).Offsets.Start;
    }

    /// <summary>Adds what fits of the chunk under the cursor; false when the destination is full.</summary>
    private bool AddChunk(RocksCursor cursor, bool there, PartitionState partition, ref long next, long end, RecordBatch destination)
    {
        ChunkReader chunk = OpenChunk(cursor, there, partition, next, out long baseOffset);
        long chunkEnd = Math.Min(end, baseOffset + chunk.Count);
        for (long at = baseOffset; at < chunkEnd; at++)
        {
            if (!chunk.MoveNext())
            {
                throw Damage.UnknownFormat(folder, partition, at);
            }

            if (at < next)
            {
                continue;
            }

            if (destination.IsFullFor(chunk.Key.Length + chunk.Value.Length))
            {
                return false;
            }

            destination.Add(at, chunk.AppendedAt, chunk.Key, chunk.Value);
            next = at + 1;
        }

        return true;
    }

    private (OffsetRange Offsets, long AppendedAt) ChunkAt(RocksCursor cursor, PartitionState partition, long offset)
    {
        Span<byte> key = stackalloc byte[StoreKey.ChunkLength];
        StoreKey.WriteChunk(key, partition.Stream.Id, partition.Index, offset);
        try
        {
            bool there = cursor.SeekAtOrBefore(key);
            ChunkReader chunk = OpenChunk(cursor, there, partition, offset, out long baseOffset);
            return (new OffsetRange(baseOffset, baseOffset + chunk.Count), chunk.AppendedAt);
        }
        catch (RocksDbException e)
        {
            throw Damage.Unreadable(folder, partition, offset, e);
        }
    }

    private ChunkReader OpenChunk(RocksCursor cursor, bool there, PartitionState partition, long offset, out long baseOffset)
    {
        baseOffset = 0;
        if (!there || !StoreKey.TryReadChunk(cursor.Key, partition.Stream.Id, partition.Index, out baseOffset))
        {
            partition.ThrowIfTrimmed(offset);
            throw Damage.Missing(folder, partition, offset);
        }

        if (!ChunkReader.TryOpen(cursor.Value, out ChunkReader chunk))
        {
            throw Damage.UnknownFormat(folder, partition, baseOffset);
        }

        if (offset < baseOffset || offset >= baseOffset + chunk.Count)
        {
            partition.ThrowIfTrimmed(offset);
            throw Damage.Missing(folder, partition, offset);
        }

        return chunk;
    }
}
