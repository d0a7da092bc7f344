using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Lambda.Events.Json.Scanning;

/// <summary>The bytes between two values of a record: separator, name in quotes, colon, and the white space around them.</summary>
internal readonly struct NameLiteral
{
    /// <summary>A separator, two quotes and a colon.</summary>
    private const int MinLength = 4;

    private readonly ulong _first;
    private readonly ulong _last;

    private readonly byte[] _bytes;
    private readonly int _start;

    /// <param name="bytes">A buffer that stays as it is while the literal is used.</param>
    /// <param name="start">Where the literal begins in it.</param>
    /// <param name="length">How many bytes the literal has.</param>
    public NameLiteral(byte[] bytes, int start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, MinLength);
        ReadOnlySpan<byte> literal = bytes.AsSpan(start, length);
        bool isShort = length < sizeof(ulong);
        _first = isShort ? BinaryPrimitives.ReadUInt32LittleEndian(literal) : BinaryPrimitives.ReadUInt64LittleEndian(literal);
        _last = isShort ? BinaryPrimitives.ReadUInt32LittleEndian(literal[^sizeof(uint)..]) : BinaryPrimitives.ReadUInt64LittleEndian(literal[^sizeof(ulong)..]);
        _bytes = bytes;
        _start = start;
        Length = length;
    }

    /// <summary>How many bytes the literal has.</summary>
    public int Length { get; }

    /// <summary>The literal.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(_start, Length);

    /// <summary>Whether the literal stands at a position and something behind it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsAt(RecordBytes json, int position)
    {
        if (json.Length - position <= Length)
        {
            return false;
        }

        if (Length < sizeof(ulong))
        {
            return json.HalfWordWithin(position) == _first && json.HalfWordWithin(position + Length - sizeof(uint)) == _last;
        }

        return ((json.WordWithin(position) ^ _first) | (json.WordWithin(position + Length - sizeof(ulong)) ^ _last)) == 0
            && (Length <= 2 * sizeof(ulong) || HasMiddleAt(json, position));
    }

    private bool HasMiddleAt(RecordBytes json, int position)
    {
        int length = Length - (2 * sizeof(ulong));
        return json.Slice(position + sizeof(ulong), length).SequenceEqual(_bytes.AsSpan(_start + sizeof(ulong), length));
    }
}
