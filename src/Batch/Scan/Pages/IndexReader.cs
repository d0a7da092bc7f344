using System.Numerics;
using System.Runtime.InteropServices;

namespace Lambda.Batch.Scan.Pages;

/// <summary>Reads indices of a dictionary and puts in their place what they stand for.</summary>
internal struct IndexReader
{
    private HybridDecoder _indices;

    /// <summary>Starts a page whose values are indices: a byte that says how many bits they have, then the indices.</summary>
    public void Begin(in Page page) => _indices = page.ValueBytes is [var width, ..]
        ? new HybridDecoder(page.Values.Start + 1, page.Values.End, width)
        : new HybridDecoder(page.Values.Start, page.Values.End, width: 0);

    /// <summary>Reads values.</summary>
    /// <param name="bytes">The bytes of the page.</param>
    /// <param name="block">Room for some indices.</param>
    /// <param name="dictionary">What indices stand for.</param>
    /// <param name="values">Takes the values.</param>
    /// <exception cref="InvalidDataException">There are not so many indices, or one stands for nothing.</exception>
    public void Read<T>(ReadOnlySpan<byte> bytes, int[] block, ReadOnlySpan<T> dictionary, Span<T> values)
    {
        while (values.Length > 0)
        {
            Span<int> indices = block.AsSpan(0, Math.Min(block.Length, values.Length));
            _indices.Read(bytes, indices);
            if (Greatest(indices) >= (uint)dictionary.Length)
            {
                throw new InvalidDataException("a value is not in the dictionary");
            }

            for (int i = 0; i < indices.Length; i++)
            {
                values[i] = dictionary[indices[i]];
            }

            values = values[indices.Length..];
        }
    }

    private static uint Greatest(ReadOnlySpan<int> numbers)
    {
        ReadOnlySpan<Vector<uint>> vectors = MemoryMarshal.Cast<int, Vector<uint>>(numbers);
        Vector<uint> greatest = Vector<uint>.Zero;
        foreach (Vector<uint> vector in vectors)
        {
            greatest = Vector.Max(greatest, vector);
        }

        uint max = 0;
        for (int i = 0; i < Vector<uint>.Count; i++)
        {
            max = Math.Max(max, greatest[i]);
        }

        foreach (int number in numbers[(vectors.Length * Vector<uint>.Count)..])
        {
            max = Math.Max(max, (uint)number);
        }

        return max;
    }
}
