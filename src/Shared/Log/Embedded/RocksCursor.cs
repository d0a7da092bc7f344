using RocksDbSharp;

namespace Lambda.Log.Embedded;

/// <summary>A consistent view of the store in key order. Keys and values are the store's own memory, valid until the cursor moves.</summary>
internal unsafe ref struct RocksCursor
{
    private readonly RocksStore _store;
    private readonly IntPtr _iterator;

    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public RocksCursor(RocksStore store)
    {
        bool referenced = false;
        store.DangerousAddRef(ref referenced);
        _store = store;
        _iterator = Native.Instance.rocksdb_create_iterator(store.DangerousGetHandle(), store.ReadOptions.Handle);
    }

    public readonly ReadOnlySpan<byte> Key
    {
        get
        {
            IntPtr data = Native.Instance.rocksdb_iter_key(_iterator, out nuint length);
            return new ReadOnlySpan<byte>((void*)data, checked((int)length));
        }
    }

    public readonly ReadOnlySpan<byte> Value
    {
        get
        {
            IntPtr data = Native.Instance.rocksdb_iter_value(_iterator, out nuint length);
            return new ReadOnlySpan<byte>((void*)data, checked((int)length));
        }
    }

    /// <summary>Moves to the first key at or after <paramref name="key"/>; false when there is none.</summary>
    /// <exception cref="RocksDbException">A stored block is damaged or cannot be read.</exception>
    public readonly bool Seek(ReadOnlySpan<byte> key)
    {
        fixed (byte* pointer = key)
        {
            Native.Instance.rocksdb_iter_seek(_iterator, pointer, (nuint)key.Length);
        }

        return IsThere();
    }

    /// <summary>Moves to the last key at or before <paramref name="key"/>; false when there is none.</summary>
    /// <exception cref="RocksDbException">A stored block is damaged or cannot be read.</exception>
    public readonly bool SeekAtOrBefore(ReadOnlySpan<byte> key)
    {
        fixed (byte* pointer = key)
        {
            Native.Instance.rocksdb_iter_seek_for_prev(_iterator, pointer, (nuint)key.Length);
        }

        return IsThere();
    }

    /// <summary>Moves to the next key; false when there is none.</summary>
    /// <exception cref="RocksDbException">A stored block is damaged or cannot be read.</exception>
    public readonly bool MoveNext()
    {
        Native.Instance.rocksdb_iter_next(_iterator);
        return IsThere();
    }

    public readonly void Dispose()
    {
        Native.Instance.rocksdb_iter_destroy(_iterator);
        _store.DangerousRelease();
    }

    private readonly bool IsThere()
    {
        if (Native.Instance.rocksdb_iter_valid(_iterator) != 0)
        {
            return true;
        }

        Native.Instance.rocksdb_iter_get_error(_iterator, out IntPtr error);
        return error == IntPtr.Zero ? false : throw new RocksDbException(error);
    }
}
