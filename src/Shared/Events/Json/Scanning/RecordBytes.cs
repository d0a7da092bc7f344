using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Lambda.Events.Json.Scanning;

/// <summary>
/// The bytes of one record, read a word or a block at a time. A read that would go beyond the last byte is moved to end there and shifted, so that
/// nothing behind the record is touched and what is missing reads as zero.
/// </summary>
internal readonly ref struct RecordBytes
{
    /// <summary>How many bytes a block has.</summary>
    public const int BlockLength = 32;

    private readonly ref byte _first;

    /// <summary>How many bytes may be read; those from <see cref="Length"/> on are zero. At least a block.</summary>
    private readonly int _readable;

    /// <param name="json">The record; at least a block unless it is padded.</param>
    public RecordBytes(ReadOnlySpan<byte> json)
        : this(json, json.Length)
    {
    }

    /// <param name="padded">The record and zeros behind it; at least a block.</param>
    /// <param name="length">How many bytes of that are the record.</param>
    public RecordBytes(ReadOnlySpan<byte> padded, int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(padded.Length, BlockLength);
        _first = ref MemoryMarshal.GetReference(padded);
        _readable = padded.Length;
        Length = length;
    }

    /// <summary>How many bytes the record has.</summary>
    public int Length { get; }

    /// <summary>The byte at a position below <see cref="Length"/>.</summary>
    public byte this[int position]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Unsafe.Add(ref _first, position);
    }

    /// <summary>A part that lies within the record.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> Slice(int position, int length) =>
        MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref _first, position), length);

    /// <summary>Whether the record ends with some bytes, which begin at a position.</summary>
    public bool EndsWith(ReadOnlySpan<byte> bytes, int position) =>
        Length - position == bytes.Length && Slice(position, bytes.Length).SequenceEqual(bytes);

    /// <summary>Four bytes that lie within the record, the first in the lowest bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint HalfWordWithin(int position) => Read<uint>(position);

    /// <summary>Eight bytes that lie within the record, the first in the lowest bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong WordWithin(int position) => Read<ulong>(position);

    /// <summary>Eight bytes from a position below <see cref="Length"/>, the first in the lowest bits; zeros behind the record.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Word(int position)
    {
        int start = Math.Min(position, _readable - sizeof(ulong));
        return Read<ulong>(start) >> ((position - start) * 8);
    }

    /// <summary>
    /// For each byte of the block at a position below <see cref="Length"/> whether plain text ends there: at a quote, a backslash, a control character
    /// or a byte beyond ASCII. The first byte in the lowest bit.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint EndsOfPlainText(int position)
    {
        int start = Math.Min(position, _readable - BlockLength);
        Vector256<byte> block = Vector256.LoadUnsafe(ref _first, (nuint)start);

        // Bytes beyond ASCII are negative numbers, so that one comparison finds them and control characters.
        Vector256<byte> ends = Vector256.LessThan(block.AsSByte(), Vector256.Create((sbyte)' ')).AsByte()
            | Vector256.Equals(block, Vector256.Create((byte)'"'))
            | Vector256.Equals(block, Vector256.Create((byte)'\\'));
        return ends.ExtractMostSignificantBits() >> (position - start);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private T Read<T>(int position)
        where T : unmanaged, System.Numerics.IBinaryInteger<T>
    {
        T value = Unsafe.ReadUnaligned<T>(ref Unsafe.Add(ref _first, position));
        return BitConverter.IsLittleEndian ? value : Reversed(value);
    }

    private static T Reversed<T>(T value)
        where T : unmanaged, System.Numerics.IBinaryInteger<T>
    {
        Span<byte> bytes = stackalloc byte[Unsafe.SizeOf<T>()];
        value.WriteBigEndian(bytes);
        return MemoryMarshal.Read<T>(bytes);
    }
}
