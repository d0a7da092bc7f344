using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lambda.Aggregation.Numerics;

/// <summary>
/// The exact sum of any number of doubles, rounded only when it is read. Two sums over the same values are equal bit for bit, whatever
/// the order of the additions and the shape of the merges.
/// </summary>
/// <remarks>
/// <para>
/// A small superaccumulator after R. Neal, "Fast exact summation using small and large superaccumulators" (2015): one long fixed-point
/// number in units of 2^-1074, kept as 64-bit signed chunks that are 32 bits apart, so that carries are needed only about every thousand
/// additions. Only the range of chunks touched so far is held.
/// </para>
/// <para>
/// <c>default</c> is the empty sum. A variable or array slot owns its chunks: a struct copy shares them with the original, so add
/// to one of the two only. <see cref="Merge"/> copies and never keeps the other's chunks. Reading changes nothing. Not thread-safe
/// for writers.
/// </para>
/// <para>
/// NaN, or infinities of both signs, make the sum <see cref="double.NaN"/>; infinities of one sign make it that infinity. A sum of nothing
/// or of zeros of either sign is +0.
/// </para>
/// </remarks>
internal partial struct ExactDoubleSum
{
    /// <summary>
    /// The sum of 2^64 doubles of the largest size ends below bit 2,162 of the fixed-point number, so inside chunk 67.
    /// </summary>
    internal const int MaxChunks = 68;

    private const int ChunkBits = 32;
    private const int InitialChunks = 4;
    private const long DigitMask = uint.MaxValue;

    private const int MantissaBits = 52;
    private const long ImplicitBit = 1L << MantissaBits;
    private const long FractionMask = ImplicitBit - 1;
    private const int ExponentMask = 0x7FF;

    /// <summary>The most that one addition puts into one chunk: a 53-bit mantissa moved down by at least one bit.</summary>
    private const long LargestStep = 1L << 52;

    /// <summary>
    /// Steps after which carries are propagated. Two sums just merged have at most twice as many, fewer than the 2,048 that fill a chunk.
    /// </summary>
    private const int CarryAfter = 1023;

    /// <summary>Chunk i weighs 2^(32·(_first + i) - 1074). Null until the first finite value other than zero. Never longer than
    /// <see cref="MaxChunks"/>.</summary>
    private long[]? _chunks;

    /// <summary>|chunk| ≤ _steps · <see cref="LargestStep"/> for every chunk. At most <see cref="CarryAfter"/> between calls.</summary>
    private ushort _steps;

    private byte _first;

    /// <summary>A value that starts in chunk _first + i, i &lt; _reach, has both its chunks in the array: its length - 1, or 0 for none.
    /// </summary>
    private byte _reach;

    private NonFinite _nonFinite;

    /// <summary>Adds a value exactly.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(double value)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        int position = ((int)(bits >> MantissaBits) & ExponentMask) - 1;
        if ((uint)position >= ExponentMask - 1)
        {
            AddUnusual(value);
            return;
        }

        AddScaled(bits >> 63, (bits & FractionMask) | ImplicitBit, position);
    }

    /// <summary>Adds another sum exactly. The other stays as it is and shares nothing with this one afterwards.</summary>
    /// <exception cref="OverflowException">More than about 2^64 additions of the largest doubles were merged.</exception>
    public void Merge(in ExactDoubleSum other)
    {
        _nonFinite |= other._nonFinite;
        if (other._chunks is null)
        {
            return;
        }

        if (_chunks is null)
        {
            _chunks = other._chunks.AsSpan().ToArray();
            _first = other._first;
            _reach = other._reach;
            _steps = other._steps;
            return;
        }

        ReadOnlySpan<long> theirs = other._chunks;
        int skipped = theirs.IndexOfAnyExcept(0L);
        if (skipped < 0)
        {
            return;
        }

        theirs = theirs[skipped..(theirs.LastIndexOfAnyExcept(0L) + 1)];
        int start = other._first + skipped;
        Hold(start, start + theirs.Length);
        Span<long> ours = _chunks.AsSpan(start - _first, theirs.Length);
        for (int i = 0; i < ours.Length; i++)
        {
            ours[i] += theirs[i];
        }

        _steps += other._steps;
        if (_steps > CarryAfter)
        {
            Carry();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddScaled(long signMask, long magnitude, int position)
    {
        int index = (position >> 5) - _first;
        if ((uint)index >= _reach || _steps >= CarryAfter)
        {
            index = MakeRoom(position >> 5);
        }

        // Two's complement, so the high part is the floor and the low part is never negative.
        long mantissa = (magnitude ^ signMask) - signMask;
        int shift = position & (ChunkBits - 1);

        // 0 ≤ index < _reach = length - 1, checked or made true above.
        ref long chunk = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_chunks!), (uint)index);
        chunk += (uint)(mantissa << shift);
        Unsafe.Add(ref chunk, 1) += mantissa >> (ChunkBits - shift);
        _steps++;
    }

    /// <summary>Zeros, subnormals (which have no implicit bit and start at the lowest position), infinities and NaN.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AddUnusual(double value)
    {
        if (value == 0)
        {
            return;
        }

        if (double.IsFinite(value))
        {
            long bits = BitConverter.DoubleToInt64Bits(value);
            AddScaled(bits >> 63, bits & FractionMask, 0);
            return;
        }

        _nonFinite |= double.IsNaN(value) ? NonFinite.NaN : value > 0 ? NonFinite.Positive : NonFinite.Negative;
    }

    /// <summary>Makes this chunk and the next part of the array, with steps to spare, and returns the chunk's index.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private int MakeRoom(int chunk)
    {
        if (_steps >= CarryAfter)
        {
            Carry();
        }

        // One spare chunk on the side that grows: values of one column lie close together.
        if (_chunks is null)
        {
            int start = Math.Clamp(chunk - 1, 0, MaxChunks - InitialChunks);
            Hold(start, start + InitialChunks);
        }
        else if (chunk < _first)
        {
            Hold(Math.Max(chunk - 1, 0), _first);
        }
        else if (chunk >= _first + _reach)
        {
            Hold(_first, Math.Min(chunk + 3, MaxChunks));
        }

        return chunk - _first;
    }

    /// <summary>Widens the array to hold the chunks [start, end) too.</summary>
    private void Hold(int start, int end)
    {
        if (_chunks is null)
        {
            _chunks = new long[end - start];
        }
        else
        {
            start = Math.Min(start, _first);
            end = Math.Max(end, _first + _chunks.Length);
            if (end - start == _chunks.Length)
            {
                return;
            }

            var wider = new long[end - start];
            _chunks.CopyTo(wider, _first - start);
            _chunks = wider;
        }

        _first = (byte)start;
        _reach = (byte)(end - start - 1);
    }

    /// <summary>Brings every chunk but the highest into [0, 2^32), and the highest, which carries the sign, to at most one step.</summary>
    private void Carry()
    {
        long[] chunks = _chunks!;
        int top = chunks.Length - 1;
        long carry = 0;
        for (int i = 0; i < top; i++)
        {
            long chunk = chunks[i] + carry;
            chunks[i] = chunk & DigitMask;
            carry = chunk >> ChunkBits;
        }

        chunks[top] += carry;
        if (chunks[top] is > LargestStep or < -LargestStep)
        {
            if (_first + top + 1 == MaxChunks)
            {
                throw new OverflowException("The exact sum holds more than 2^64 additions of the largest doubles; split it.");
            }

            Hold(_first, _first + top + 2);
            chunks = _chunks!;
            chunks[top + 1] = chunks[top] >> ChunkBits;
            chunks[top] &= DigitMask;
        }

        _steps = 1;
    }
}
