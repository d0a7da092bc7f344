using System.Runtime.InteropServices;
using RocksDbSharp;

namespace Lambda.Log.Embedded;

/// <summary>An open RocksDB database. Closing waits for cursors that are still in use, so that none of them reads freed memory.</summary>
internal sealed class RocksStore : SafeHandle
{
    private readonly RocksDb _db;
    private readonly WriteOptions _synced = new WriteOptions().SetSync(true);
    private readonly ReadOptions _read = new();

    private RocksStore(RocksDb db)
        : base(IntPtr.Zero, ownsHandle: true)
    {
        _db = db;
        SetHandle(db.Handle);
    }

    public override bool IsInvalid => handle == IntPtr.Zero;

    /// <summary>The number of the last write that is in the store; it only grows and survives a restart.</summary>
    public ulong LatestSequence => _db.GetLatestSequenceNumber();

    internal ReadOptions ReadOptions => _read;

    /// <exception cref="RocksDbException">The folder cannot be opened.</exception>
    public static RocksStore Open(string folder, EmbeddedLogOptions options) => new(RocksDb.Open(StoreOptions(options), folder));

    /// <summary>The last write that can be recovered, found without changing a file.</summary>
    /// <exception cref="RocksDbException">The folder cannot be opened.</exception>
    public static ulong RecoverableSequence(string folder, EmbeddedLogOptions options)
    {
        using RocksDb db = RocksDb.OpenReadOnly(StoreOptions(options), folder, false);
        return db.GetLatestSequenceNumber();
    }

    /// <summary>Writes all of the batch or nothing, and returns when it is on the disk.</summary>
    /// <exception cref="RocksDbException">The store cannot write.</exception>
    public void Write(WriteBatch batch) => _db.Write(batch, _synced);

    /// <summary>Gives the disk space of files that lie wholly in the range back at once, instead of with some later compaction.</summary>
    public unsafe void DropFiles(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        fixed (byte* start = from, limit = to)
        {
            Native.Instance.rocksdb_delete_file_in_range(_db.Handle, start, (nuint)from.Length, limit, (nuint)to.Length);
        }
    }

    public RocksCursor OpenCursor() => new(this);

    protected override bool ReleaseHandle()
    {
        _db.Dispose();
        return true;
    }

    private static DbOptions StoreOptions(EmbeddedLogOptions options) => new DbOptions()
        .SetCreateIfMissing(true)

        // A torn tail ends the recovery instead of failing it. That nothing acknowledged is lost with it is checked by AcknowledgedMark.
        .SetWalRecoveryMode(Recovery.PointInTime)
        .SetParanoidChecks(true)
        .SetCompression(Compression.No)
        .SetWriteBufferSize(64 << 20)
        .SetMaxTotalWalSize(128 << 20)
        .SetTargetFileSizeBase(64 << 20)
        .SetMaxBytesForLevelBase(512 << 20)
        .SetKeepLogFileNum(2)
        .SetMaxLogFileSize(1 << 20)
        .SetInfoLogLevel(InfoLogLevel.Warn)
        .SetBlockBasedTableFactory(new BlockBasedTableOptions()
            .SetFormatVersion(5)
            .SetBlockCache(Cache.CreateLru((ulong)options.BlockCacheBytes)));
}
