using System.Buffers.Binary;
using FASTER.core;

namespace Lambda.LogEngines;

/// <summary>
/// FasterLog with one entry per record. Its addresses are byte positions, so partition and dense offset stand in the entry and a reader that
/// starts at an offset would need an index of its own; the scan here starts at the beginning.
/// </summary>
internal sealed class FasterRecords : ILogEngine
{
    private readonly FasterLogSettings _settings;
    private readonly FasterLog _log;
    private readonly long[] _next = new long[Workload.Partitions];
    private readonly byte[] _entry = new byte[Workload.RecordBytes + 12];

    public FasterRecords(string folder)
    {
        _settings = new FasterLogSettings(folder) { PageSizeBits = 22, MemorySizeBits = 25, SegmentSizeBits = 28 };
        _log = new FasterLog(_settings);
    }

    public string Name => "FasterLog, an entry per record";

    public void AppendGroup(ReadOnlySpan<byte> group)
    {
        for (int i = 0; i < Workload.GroupRecords; i++)
        {
            int partition = i % Workload.Partitions;
            BinaryPrimitives.WriteInt32BigEndian(_entry, partition);
            BinaryPrimitives.WriteInt64BigEndian(_entry.AsSpan(4), _next[partition]++);
            group.Slice(i * Workload.RecordBytes, Workload.RecordBytes).CopyTo(_entry.AsSpan(12));
            _log.Enqueue(_entry);
        }

        _log.Commit(spinWait: true);
    }

    public unsafe (long Records, long Checksum) Scan()
    {
        long records = 0;
        long checksum = 0;
        using FasterLogScanIterator scan = _log.Scan(_log.BeginAddress, _log.TailAddress);
        while (scan.GetNext(MemoryPoolOfOne.Shared, out System.Buffers.IMemoryOwner<byte> owner, out int length, out _, out _))
        {
            ReadOnlySpan<byte> entry = owner.Memory.Span[..length];
            checksum += (BinaryPrimitives.ReadInt64BigEndian(entry[4..]) & 1) + entry[12];
            records++;
        }

        return (records, checksum);
    }

    public void Dispose()
    {
        _log.Dispose();
        _settings.Dispose();
    }

    /// <summary>Lends one buffer again and again, so that the scan allocates nothing per record.</summary>
    private sealed class MemoryPoolOfOne : System.Buffers.MemoryPool<byte>, System.Buffers.IMemoryOwner<byte>
    {
        public static new readonly MemoryPoolOfOne Shared = new();
        private readonly byte[] _buffer = new byte[1 << 16];

        public override int MaxBufferSize => _buffer.Length;

        public Memory<byte> Memory => _buffer;

        public override System.Buffers.IMemoryOwner<byte> Rent(int minBufferSize = -1) => this;

        protected override void Dispose(bool disposing)
        {
        }
    }
}
