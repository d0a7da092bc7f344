using System.Collections.Concurrent;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Lambda.Batch.Recompute.Duplicates;

/// <summary>
/// Proves that all events have different ids, or does not: by their hashes, which are told apart into parts small enough for the processor's cache. Hashes of a long history
/// are spilled to temporary files, so memory does not follow it. Equal hashes may be chance, so what is not proved is not disproved.
/// </summary>
/// <param name="folder">Where hashes are spilled to.</param>
internal sealed class DistinctIds(string folder) : IDisposable
{
    private const int PartBits = 9;
    private const int Parts = 1 << PartBits;

    /// <summary>How many hashes of a part are spilled at once, 8 KiB.</summary>
    private const int BlockLength = 1024;

    private readonly ConcurrentQueue<Source> _sources = [];

    /// <summary>What the reason is that nothing can be proved any more, if there is one: two ids with the same hash, or hashes that could not be spilled.</summary>
    private volatile bool _gaveUp;

    /// <summary>Opens what takes the ids of some events. For one thread at a time.</summary>
    public Source Open()
    {
        Source source = new(this);
        _sources.Enqueue(source);
        return source;
    }

    /// <summary>Notes that it cannot be proved.</summary>
    public void GiveUp() => _gaveUp = true;

    /// <summary>Whether it is proved, when all have been taken.</summary>
    /// <param name="threads">How many threads it may use.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public bool AreDistinct(int threads, CancellationToken cancellationToken)
    {
        if (_gaveUp)
        {
            return false;
        }

        try
        {
            Parallel.For(
                0,
                Parts,
                new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken },
                () => new ulong[BlockLength],
                (part, state, table) =>
                {
                    if (!IsDistinct(part, ref table))
                    {
                        GiveUp();
                        state.Stop();
                    }

                    return table;
                },
                _ => { });
        }
        catch (AggregateException error) when (error.InnerExceptions.All(inner => inner is IOException))
        {
            GiveUp();
        }

        return !_gaveUp;
    }

    public void Dispose()
    {
        foreach (Source source in _sources)
        {
            source.Dispose();
        }
    }

    private static int PartOf(ulong hash) => (int)(hash >> (64 - PartBits));

    /// <param name="part">The part.</param>
    /// <param name="table">Room for a table of hashes, which is made larger as needed.</param>
    private bool IsDistinct(int part, ref ulong[] table)
    {
        long count = _sources.Sum(source => source.CountOf(part));
        int length = (int)BitOperations.RoundUpToPowerOf2((ulong)Math.Max(BlockLength, checked(count * 2)));
        if (table.Length < length)
        {
            table = new ulong[length];
        }

        Span<ulong> places = table.AsSpan(0, length);
        places.Clear();
        Span<ulong> block = stackalloc ulong[BlockLength];
        foreach (Source source in _sources)
        {
            for (int i = 0; i < source.BlocksOf(part); i++)
            {
                if (!AddAll(places, source.Read(part, i, block)))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Open addressing by linear probing; 0 where free.</summary>
    private static bool AddAll(Span<ulong> places, ReadOnlySpan<ulong> hashes)
    {
        int mask = places.Length - 1;
        foreach (ulong hash in hashes)
        {
            int place = (int)hash & mask;
            while (places[place] != 0)
            {
                if (places[place] == hash)
                {
                    return false;
                }

                place = (place + 1) & mask;
            }

            places[place] = hash;
        }

        return true;
    }

    /// <summary>Takes the ids of some events. For one thread at a time.</summary>
    internal sealed class Source(DistinctIds owner) : IDisposable
    {
        /// <summary>By part, the hashes that are not spilled; null before there were any.</summary>
        private readonly ulong[]?[] _open = new ulong[]?[Parts];
        private readonly int[] _counts = new int[Parts];

        /// <summary>By part, which blocks of the file are its own.</summary>
        private readonly List<int>?[] _spilled = new List<int>?[Parts];
        private FileStream? _file;
        private int _blocks;

        /// <summary>Takes the id of an event that repeats none.</summary>
        /// <param name="hash">The hash of the id, which is not 0.</param>
        public void Add(ulong hash)
        {
            int part = PartOf(hash);
            ulong[] open = _open[part] ??= new ulong[BlockLength];
            open[_counts[part]++] = hash;
            if (_counts[part] == BlockLength)
            {
                Spill(part, open);
            }
        }

        /// <summary>Notes that it cannot be proved, because what was not taken may be another event.</summary>
        public void GiveUp() => owner.GiveUp();

        public long CountOf(int part) => ((_spilled[part]?.Count ?? 0L) * BlockLength) + _counts[part];

        public int BlocksOf(int part) => (_spilled[part]?.Count ?? 0) + 1;

        /// <summary>The hashes of a block of a part; the last one is what was not spilled.</summary>
        /// <exception cref="IOException">The file cannot be read.</exception>
        public ReadOnlySpan<ulong> Read(int part, int block, Span<ulong> buffer)
        {
            if (_spilled[part] is not { } spilled || block == spilled.Count)
            {
                return _open[part].AsSpan(0, _counts[part]);
            }

            Span<byte> bytes = MemoryMarshal.AsBytes(buffer);
            for (int read = 0; read < bytes.Length;)
            {
                int more = RandomAccess.Read(_file!.SafeFileHandle, bytes[read..], ((long)spilled[block] * bytes.Length) + read);
                read += more > 0 ? more : throw new EndOfStreamException("A temporary file with hashes of ids has become shorter.");
            }

            return buffer;
        }

        public void Dispose() => _file?.Dispose();

        private void Spill(int part, ulong[] hashes)
        {
            _counts[part] = 0;
            if (owner._gaveUp)
            {
                return;
            }

            try
            {
                _file ??= Create();
                ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes<ulong>(hashes);
                RandomAccess.Write(_file.SafeFileHandle, bytes, (long)_blocks * bytes.Length);
                (_spilled[part] ??= []).Add(_blocks++);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                owner.GiveUp();
            }
        }

        /// <summary>A file without a name, which is gone with the process.</summary>
        private FileStream Create()
        {
            string path = Path.Combine(owner.Folder, $"lambda-ids-{Guid.NewGuid():N}");
            FileStream file = new(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, bufferSize: 0);
            File.Delete(path);
            return file;
        }
    }

    private string Folder => folder;
}
