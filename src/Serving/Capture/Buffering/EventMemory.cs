using System.Buffers;
using System.Collections.Concurrent;

namespace Lambda.Capture.Buffering;

/// <summary>
/// Memory for events that wait, used over and over. The shared pool keeps too few arrays of a size for the thousands that one thread rents before another
/// returns them. Safe to call from several threads at once.
/// </summary>
internal sealed class EventMemory
{
    private const int SmallestBytes = 256;
    private const int LargestBytes = 2048;

    /// <summary>How much of each size is kept while nobody needs it.</summary>
    private const int KeptBytes = 4 << 20;

    private readonly Shelf[] _shelves = [new(256), new(512), new(1024), new(LargestBytes)];

    /// <summary>Memory of at least that many bytes.</summary>
    public byte[] Rent(int bytes) => ShelfOf(bytes) is { } shelf ? shelf.Take() : ArrayPool<byte>.Shared.Rent(bytes);

    /// <summary>Takes memory back that <see cref="Rent"/> has given.</summary>
    public void Return(byte[] memory)
    {
        if (ShelfOf(memory.Length) is { } shelf)
        {
            shelf.PutBack(memory);
        }
        else
        {
            ArrayPool<byte>.Shared.Return(memory);
        }
    }

    private Shelf? ShelfOf(int bytes)
    {
        if (bytes > LargestBytes)
        {
            return null;
        }

        int shelf = 0;
        for (int size = SmallestBytes; size < bytes; size *= 2)
        {
            shelf++;
        }

        return _shelves[shelf];
    }

    /// <summary>Arrays of one size.</summary>
    private sealed class Shelf(int size)
    {
        private readonly ConcurrentQueue<byte[]> _free = new();
        private int _count;

        public byte[] Take()
        {
            if (!_free.TryDequeue(out byte[]? memory))
            {
                return new byte[size];
            }

            Interlocked.Decrement(ref _count);
            return memory;
        }

        public void PutBack(byte[] memory)
        {
            if (Interlocked.Increment(ref _count) <= KeptBytes / size)
            {
                _free.Enqueue(memory);
            }
            else
            {
                Interlocked.Decrement(ref _count);
            }
        }
    }
}
