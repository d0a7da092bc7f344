using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using RocksDbSharp;

namespace Lambda.Log.Embedded;

/// <summary>The streams of the log, by name, as they stand in the store.</summary>
internal sealed class StreamCatalog
{
    public const int LowValueLength = 16;
    private readonly ConcurrentDictionary<string, StreamState> _byName = new(StringComparer.Ordinal);
    private int _nextId;

    public IEnumerable<StreamState> All => _byName.Values;

    /// <exception cref="EventLogException">A definition or the end of a partition cannot be read.</exception>
    public static StreamCatalog Load(LogFolder folder)
    {
        var catalog = new StreamCatalog();
        foreach (StreamState stream in ReadDefinitions(folder))
        {
            foreach (PartitionState partition in stream.Partitions)
            {
                RestorePartition(folder, partition);
            }

            catalog.Add(stream);
        }

        return catalog;
    }

    public bool TryFind(string name, [NotNullWhen(true)] out StreamState? stream) => _byName.TryGetValue(name, out stream);

    /// <exception cref="EventLogException">There is no such stream.</exception>
    public StreamState Find(string name) => TryFind(name, out StreamState? stream)
        ? stream
        : throw new EventLogException(
            $"The log has no stream '{name}'. Declare it before it is used. Streams that exist: "
            + (_byName.IsEmpty ? "none" : string.Join(", ", _byName.Keys.Order(StringComparer.Ordinal))) + ".");

    /// <summary>Puts the definition of a new stream into <paramref name="batch"/>; <see cref="Add"/> it when the batch is written.</summary>
    public StreamState Define(string name, int partitions, WriteBatch batch)
    {
        var stream = new StreamState(_nextId, name, partitions);
        Span<byte> key = stackalloc byte[StoreKey.StreamLength];
        StoreKey.WriteStream(key, stream.Id);
        var value = new byte[4 + Encoding.UTF8.GetByteCount(name)];
        BinaryPrimitives.WriteInt32BigEndian(value, partitions);
        Encoding.UTF8.GetBytes(name, value.AsSpan(4));
        batch.Put(key, value);
        return stream;
    }

    public void Add(StreamState stream)
    {
        _nextId = Math.Max(_nextId, stream.Id + 1);
        _byName[stream.Name] = stream;
    }

    private static List<StreamState> ReadDefinitions(LogFolder folder)
    {
        var streams = new List<StreamState>();
        Span<byte> key = stackalloc byte[StoreKey.StreamLength];
        StoreKey.WriteStream(key, 0);
        try
        {
            using RocksCursor cursor = folder.Store.OpenCursor();
            for (bool there = cursor.Seek(key); there && StoreKey.IsStream(cursor.Key); there = cursor.MoveNext())
            {
                ReadOnlySpan<byte> value = cursor.Value;
                int partitions = BinaryPrimitives.ReadInt32BigEndian(value);
                streams.Add(new StreamState(StoreKey.StreamOf(cursor.Key), Encoding.UTF8.GetString(value[4..]), partitions));
            }
        }
        catch (RocksDbException e)
        {
            throw new EventLogException(
                $"The log folder '{folder.Path}' cannot be opened: the list of its streams cannot be read: {e.Message} Check the disk and restore "
                + "the folder from a backup.",
                e);
        }

        return streams;
    }

    private static void RestorePartition(LogFolder folder, PartitionState partition)
    {
        Span<byte> key = stackalloc byte[StoreKey.ChunkLength];
        long low = 0;
        long end = 0;
        long lastAppendedAt = 0;
        try
        {
            using RocksCursor cursor = folder.Store.OpenCursor();
            Span<byte> lowKey = key[..StoreKey.LowLength];
            StoreKey.WriteLow(lowKey, partition.Stream.Id, partition.Index);
            if (cursor.Seek(lowKey) && cursor.Key.SequenceEqual(lowKey))
            {
                low = end = BinaryPrimitives.ReadInt64BigEndian(cursor.Value);
                lastAppendedAt = BinaryPrimitives.ReadInt64BigEndian(cursor.Value[8..]);
            }

            StoreKey.WriteChunk(key, partition.Stream.Id, partition.Index, long.MaxValue);
            if (cursor.SeekAtOrBefore(key)
                && StoreKey.TryReadChunk(cursor.Key, partition.Stream.Id, partition.Index, out long baseOffset))
            {
                if (!ChunkReader.TryOpen(cursor.Value, out ChunkReader chunk))
                {
                    throw Damage.UnknownFormat(folder, partition, baseOffset);
                }

                end = Math.Max(end, baseOffset + chunk.Count);
                lastAppendedAt = Math.Max(lastAppendedAt, chunk.AppendedAt);
            }
        }
        catch (RocksDbException e)
        {
            throw Damage.Unreadable(folder, partition, "its newest offset", e);
        }

        partition.Restore(new OffsetRange(low, end), lastAppendedAt);
    }
}
