using System.Collections.Concurrent;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Lambda.Batch.Recompute.Duplicates;

/// <summary>
/// Proves that all events have different ids, or does not: by their hashes, which are told apart into parts small enough for the processor's cache. Hashes of a long history
/// are spilled to temporary files, and parts that have become large are gone through several times, so memory does not follow it. Equal hashes may be chance, so what is not
/// proved is not disproved.
/// </summary>
/// <param name="folder">Where hashes are spilled to.</param>
/// <param name="mostPlaces">How many places a table of hashes has at most, of which a thread has one; a power of two.</param>
internal sealed class DistinctIds(string folder, int mostPlaces = DistinctIds.MostPlaces) : IDisposable
{
    /// <summary>8 MiB, half of them for hashes: with 512 parts, 268 million ids are gone through once.</summary>
    private const int MostPlaces = 1 << 20;

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
            int next = 0;
            Parallel.For(
                0,
                threads,
                new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken },
                _ =>
                {
                    ulong[] table = new ulong[BlockLength];
                    for (int part = Interlocked.Increment(ref next) - 1; part < Parts && !_gaveUp; part = Interlocked.Increment(ref next) - 1)
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        if (!IsDistinct(part, ref table))
                        {
                            GiveUp();
                        }
                    }
                });
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
        int passBits = 0;
        while ((count * 2) >> passBits > mostPlaces)
        {
            passBits++;
        }

        int length = (int)BitOperations.RoundUpToPowerOf2((ulong)Math.Max(BlockLength, (count * 2) >> passBits));
        if (table.Length < length)
        {
            table = new ulong[length];
        }

        Span<ulong> block = stackalloc ulong[BlockLength];
        for (uint pass = 0; pass < 1u << passBits; pass++)
        {
            Pass places = new(table.AsSpan(0, length), passBits, pass);
            foreach (Source source in _sources)
            {
                for (int i = 0; i < source.BlocksOf(part); i++)
                {
                    if (!places.AddAll(source.Read(part, i, block)))
                    {
                        return false;
                    }
                }
            }
        }

        return true;
    }

    /// <summary>The hashes of a part whose bits behind those of the part have one value. Open addressing by linear probing; 0 where free.</summary>
    private ref struct Pass
    {
        private readonly Span<ulong> _places;
        private readonly int _bits;
        private readonly ulong _value;

        /// <summary>How many more are taken: of hashes that are not spread evenly there may be more than places.</summary>
        private int _left;

        public Pass(Span<ulong> places, int bits, uint value)
        {
            places.Clear();
            _places = places;
            _bits = bits;
            _value = value;
            _left = places.Length - (places.Length / 4);
        }

        /// <summary>Adds those hashes that it is of.</summary>
        /// <returns>Whether all of them are new, and there is room for them.</returns>
        public bool AddAll(scoped ReadOnlySpan<ulong> hashes)
        {
            int mask = _places.Length - 1;
            foreach (ulong hash in hashes)
            {
                if (_bits > 0 && (hash << PartBits) >> (64 - _bits) != _value)
                {
                    continue;
                }

                int place = (int)hash & mask;
                while (_places[place] != 0)
                {
                    if (_places[place] == hash)
                    {
                        return false;
                    }

                    place = (place + 1) & mask;
                }

                if (_left-- == 0)
                {
                    return false;
                }

                _places[place] = hash;
            }

            return true;
        }
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
