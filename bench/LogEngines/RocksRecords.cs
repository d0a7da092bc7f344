using System.Buffers.Binary;
using RocksDbSharp;

namespace Lambda.LogEngines;

/// <summary>RocksDB with one key per record.</summary>
internal sealed class RocksRecords : ILogEngine
{
    private readonly RocksDb _db;
    private readonly WriteOptions _sync = new WriteOptions().SetSync(true);
    private readonly long[] _next = new long[Workload.Partitions];

    public RocksRecords(string folder)
    {
        _db = RocksDb.Open(RocksChunks.Options(), folder);
    }

    public string Name => "RocksDB, a key per record";

    public void AppendGroup(ReadOnlySpan<byte> group)
    {
        using var batch = new WriteBatch();
        Span<byte> key = stackalloc byte[16];
        for (int i = 0; i < Workload.GroupRecords; i++)
        {
            int partition = i % Workload.Partitions;
            RocksChunks.WriteKey(key, partition, _next[partition]++);
            batch.Put(key, group.Slice(i * Workload.RecordBytes, Workload.RecordBytes));
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
            checksum += BinaryPrimitives.ReadInt64BigEndian(iterator.GetKeySpan()[8..]) & 1;
            checksum += iterator.GetValueSpan()[0];
            records++;
        }

        return (records, checksum);
    }

    public void Dispose() => _db.Dispose();
}
