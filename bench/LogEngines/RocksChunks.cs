using System.Buffers.Binary;
using RocksDbSharp;

namespace Lambda.LogEngines;

/// <summary>RocksDB with one key per partition and group: the records of the partition in the group, back to back.</summary>
internal sealed class RocksChunks : ILogEngine
{
    private readonly RocksDb _db;
    private readonly WriteOptions _sync = new WriteOptions().SetSync(true);
    private readonly long[] _next = new long[Workload.Partitions];
    private readonly byte[] _chunk = new byte[Workload.GroupRecords * Workload.RecordBytes];

    public RocksChunks(string folder)
    {
        _db = RocksDb.Open(Options(), folder);
    }

    public string Name => "RocksDB, a key per chunk";

    public static DbOptions Options() => new DbOptions().SetCreateIfMissing(true).SetCompression(Compression.No);

    public static void WriteKey(Span<byte> key, int partition, long offset)
    {
        BinaryPrimitives.WriteInt32BigEndian(key, 1);
        BinaryPrimitives.WriteInt32BigEndian(key[4..], partition);
        BinaryPrimitives.WriteInt64BigEndian(key[8..], offset);
    }

    public void AppendGroup(ReadOnlySpan<byte> group)
    {
        using var batch = new WriteBatch();
        Span<byte> key = stackalloc byte[16];
        for (int partition = 0; partition < Workload.Partitions; partition++)
        {
            int length = 0;
            long start = _next[partition];
            for (int i = partition; i < Workload.GroupRecords; i += Workload.Partitions)
            {
                group.Slice(i * Workload.RecordBytes, Workload.RecordBytes).CopyTo(_chunk.AsSpan(length));
                length += Workload.RecordBytes;
                _next[partition]++;
            }

            WriteKey(key, partition, start);
            batch.Put(key, _chunk.AsSpan(0, length));
        }

        _db.Write(batch, _sync);
    }

    public (long Records, long Checksum) Scan()
    {
        long records = 0;
        long checksum = 0;
        using Iterator iterator = _db.NewIterator();
        for (iterator.SeekToFirst(); iterator.Valid(); iterator.Next())
        {
            long offset = BinaryPrimitives.ReadInt64BigEndian(iterator.GetKeySpan()[8..]);
            ReadOnlySpan<byte> chunk = iterator.GetValueSpan();
            for (int at = 0; at < chunk.Length; at += Workload.RecordBytes, offset++)
            {
                checksum += (offset & 1) + chunk[at];
                records++;
            }
        }

        return (records, checksum);
    }

    public void Dispose() => _db.Dispose();
}
