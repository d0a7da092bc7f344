using System.Buffers.Binary;

namespace Lambda.Log;

/// <summary>
/// Which partition a key goes to: 32-bit MurmurHash2 with Kafka's seed, modulo the number of partitions, so that the embedded log and a
/// Kafka topic spread the same keys alike. Source: A. Appleby, MurmurHash2 (public domain); the seed is the one of Kafka's default partitioner.
/// </summary>
public static class KeyPartitioner
{
    private const uint Seed = 0x9747b28c;
    private const uint Multiplier = 0x5bd1e995;

    /// <summary>The partition of <paramref name="key"/> among <paramref name="partitions"/>.</summary>
    public static int Partition(ReadOnlySpan<byte> key, int partitions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        return (int)((Hash(key) & 0x7fffffff) % (uint)partitions);
    }

    internal static uint Hash(ReadOnlySpan<byte> data)
    {
        uint hash = Seed ^ (uint)data.Length;
        while (data.Length >= 4)
        {
            uint word = BinaryPrimitives.ReadUInt32LittleEndian(data) * Multiplier;
            word ^= word >> 24;
            hash = (hash * Multiplier) ^ (word * Multiplier);
            data = data[4..];
        }

        if (data.Length > 2)
        {
            hash ^= (uint)data[2] << 16;
        }

        if (data.Length > 1)
        {
            hash ^= (uint)data[1] << 8;
        }

        if (data.Length > 0)
        {
            hash = (hash ^ data[0]) * Multiplier;
        }

        hash = (hash ^ (hash >> 13)) * Multiplier;
        return hash ^ (hash >> 15);
    }
}
