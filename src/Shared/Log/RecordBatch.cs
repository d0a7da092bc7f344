using System.Buffers;

namespace Lambda.Log;

/// <summary>
/// Records in one reusable buffer: key and value bytes back to back, positions in arrays beside them. Adding a record allocates only
/// while the buffers still grow towards the largest batch they have held. Not safe for use by several threads at once.
/// </summary>
/// <remarks>Offsets and append times are the log's to give; they are zero in a batch that is still to be appended.</remarks>
public sealed class RecordBatch : IDisposable
{
    private byte[] _bytes;
    private Entry[] _entries;
    private int _byteCount;

    /// <summary>Creates an empty batch.</summary>
    /// <param name="maxRecords">How many records a log may put into the batch at most.</param>
    /// <param name="maxBytes">How many bytes of keys and values a log may put into it at most; a single larger record is still read, alone.</param>
    public RecordBatch(int maxRecords = 8192, int maxBytes = 1 << 21)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxRecords, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBytes, 1);
        MaxRecords = maxRecords;
        MaxBytes = maxBytes;
        _bytes = ArrayPool<byte>.Shared.Rent(Math.Min(maxBytes, 1 << 16));
        _entries = ArrayPool<Entry>.Shared.Rent(Math.Min(maxRecords, 1024));
    }

    /// <summary>How many records a log may put into the batch at most.</summary>
    public int MaxRecords { get; }

    /// <summary>How many bytes a log may put into the batch at most.</summary>
    public int MaxBytes { get; }

    /// <summary>The number of records.</summary>
    public int Count { get; private set; }

    /// <summary>The number of bytes of all keys and values.</summary>
    public int ByteCount => _byteCount;

    /// <summary>
    /// Where the next read goes on: every record that the log holds below this offset and at or above the one that was asked for is in the batch. That is
    /// one behind the last record, or further where a log has offsets without a record behind it, such as those of transaction markers; and it can lie
    /// behind the offset asked for although the batch is empty. Zero in a batch that is still to be appended.
    /// </summary>
    public long NextOffset { get; private set; }

    /// <summary>Whether a record of that many bytes would go over the limits. An empty batch takes any record.</summary>
    public bool IsFullFor(int bytes) => Count > 0 && (Count >= MaxRecords || (long)_byteCount + bytes > MaxBytes);

    /// <summary>Adds a record that is to be appended.</summary>
    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Add(0, 0, key, value);
        NextOffset = 0;
    }

    /// <summary>Adds a record that was read at <paramref name="offset"/>, appended at <paramref name="appendedAt"/> (UTC microseconds since 1970).</summary>
    public void Add(long offset, long appendedAt, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        EnsureCapacity(key.Length + value.Length);
        key.CopyTo(_bytes.AsSpan(_byteCount));
        value.CopyTo(_bytes.AsSpan(_byteCount + key.Length));
        _entries[Count++] = new Entry(offset, appendedAt, _byteCount, key.Length, value.Length);
        _byteCount += key.Length + value.Length;
        NextOffset = offset + 1;
    }

    /// <summary>Empties the batch for a read that begins at <paramref name="offset"/>.</summary>
    public void BeginRead(long offset)
    {
        Clear();
        NextOffset = offset;
    }

    /// <summary>Takes note that no record lies between the last one of the batch and <paramref name="offset"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The batch reaches further already.</exception>
    public void SkipTo(long offset)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(offset, NextOffset);
        NextOffset = offset;
    }

    /// <summary>The offset of record <paramref name="index"/>.</summary>
    public long Offset(int index) => EntryAt(index).Offset;

    /// <summary>When record <paramref name="index"/> was appended, in UTC microseconds since 1970.</summary>
    public long AppendedAt(int index) => EntryAt(index).AppendedAt;

    /// <summary>The key of record <paramref name="index"/>; valid until the batch is next changed.</summary>
    public ReadOnlySpan<byte> Key(int index)
    {
        ref readonly Entry entry = ref EntryAt(index);
        return _bytes.AsSpan(entry.Start, entry.KeyLength);
    }

    /// <summary>The value of record <paramref name="index"/>; valid until the batch is next changed.</summary>
    public ReadOnlySpan<byte> Value(int index)
    {
        ref readonly Entry entry = ref EntryAt(index);
        return _bytes.AsSpan(entry.Start + entry.KeyLength, entry.ValueLength);
    }

    /// <summary>Puts records that were added in any order into the order of their offsets; the batch then reaches to one behind the last.</summary>
    internal void SortByOffset()
    {
        _entries.AsSpan(0, Count).Sort(static (one, other) => one.Offset.CompareTo(other.Offset));
        NextOffset = Count > 0 ? _entries[Count - 1].Offset + 1 : NextOffset;
    }

    /// <summary>Removes the records with <paramref name="offset"/> or a higher one; the batch is one that was read.</summary>
    internal void RemoveFrom(long offset)
    {
        int count = Count;
        while (Count > 0 && _entries[Count - 1].Offset >= offset)
        {
            Count--;
        }

        if (Count < count)
        {
            // Records that were sorted need not lie in the buffer in their order.
            _byteCount = 0;
            foreach (ref readonly Entry entry in _entries.AsSpan(0, Count))
            {
                _byteCount = Math.Max(_byteCount, entry.Start + entry.KeyLength + entry.ValueLength);
            }
        }

        NextOffset = Math.Min(NextOffset, offset);
    }

    /// <summary>Removes all records and keeps the buffers.</summary>
    public void Clear()
    {
        Count = 0;
        _byteCount = 0;
        NextOffset = 0;
    }

    /// <summary>Gives the buffers back; the batch must not be used afterwards.</summary>
    public void Dispose()
    {
        Clear();
        ArrayPool<byte>.Shared.Return(_bytes);
        ArrayPool<Entry>.Shared.Return(_entries);
        _bytes = [];
        _entries = [];
    }

    private ref readonly Entry EntryAt(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        return ref _entries[index];
    }

    private void EnsureCapacity(int bytes)
    {
        if (_bytes.Length - _byteCount < bytes)
        {
            Grow(ref _bytes, _byteCount, checked(_byteCount + bytes));
        }

        if (_entries.Length == Count)
        {
            Grow(ref _entries, Count, Count + 1);
        }
    }

    private static void Grow<T>(ref T[] array, int used, int needed)
    {
        T[] larger = ArrayPool<T>.Shared.Rent(Math.Max(needed, (int)Math.Min((long)array.Length * 2, Array.MaxLength)));
        Array.Copy(array, larger, used);
        ArrayPool<T>.Shared.Return(array);
        array = larger;
    }

    private readonly record struct Entry(long Offset, long AppendedAt, int Start, int KeyLength, int ValueLength);
}
