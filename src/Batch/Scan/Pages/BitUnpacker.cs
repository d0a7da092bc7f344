using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Lambda.Batch.Scan.Pages;

/// <summary>Takes numbers of a few bits each, which lie back to back from the lowest bit of each byte on.</summary>
internal static class BitUnpacker
{
    /// <summary>How many numbers are taken at a time: as many as always take a whole number of bytes.</summary>
    public const int Group = 8;

    /// <summary>How many bytes behind the last number may be read and must be there, of whatever content.</summary>
    public const int Slack = 16;

    /// <summary>The widest numbers of which any one lies within four bytes.</summary>
    private const int WidestFast = 25;

    private static readonly Lanes[] AllLanes = [.. Enumerable.Range(0, WidestFast + 1).Select(Lanes.Of)];

    /// <summary>Takes groups of numbers.</summary>
    /// <param name="bytes">What begins with the first of them, and has <see cref="Slack"/> bytes more than they take.</param>
    /// <param name="width">How many bits a number has, 1 to 32.</param>
    /// <param name="numbers">Takes the numbers; a multiple of <see cref="Group"/>.</param>
    public static void Unpack(ReadOnlySpan<byte> bytes, int width, Span<int> numbers)
    {
        int groups = numbers.Length / Group;
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, (groups * width) + Slack, nameof(bytes));
        if (Avx2.IsSupported && width <= WidestFast)
        {
            UnpackFast(ref MemoryMarshal.GetReference(bytes), width, ref MemoryMarshal.GetReference(numbers), groups);
            return;
        }

        for (int i = 0; i < groups * Group; i++)
        {
            numbers[i] = One(bytes, width, i);
        }
    }

    /// <summary>One number by its place.</summary>
    public static int One(ReadOnlySpan<byte> bytes, int width, int index)
    {
        long bit = (long)index * width;
        ulong word = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(int)(bit >> 3)..]);
        return (int)(word >> (int)(bit & 7) & ((1UL << width) - 1));
    }

    /// <summary>Eight numbers at a time: the four bytes that hold each are moved to a lane of its own, then shifted and masked.</summary>
    private static void UnpackFast(ref byte bytes, int width, ref int numbers, int groups)
    {
        Lanes lanes = AllLanes[width];
        Vector256<byte> places = lanes.Places;
        Vector256<uint> shifts = lanes.Shifts;
        Vector256<int> mask = Vector256.Create((1 << width) - 1);
        nuint middle = (nuint)width / 2;
        for (int group = 0; group < groups; group++)
        {
            nuint start = (nuint)group * (nuint)width;
            Vector256<byte> packed = Vector256.Create(Vector128.LoadUnsafe(ref bytes, start), Vector128.LoadUnsafe(ref bytes, start + middle));
            Vector256<uint> shifted = Avx2.ShiftRightLogicalVariable(Avx2.Shuffle(packed, places).AsUInt32(), shifts);
            (shifted.AsInt32() & mask).StoreUnsafe(ref numbers, (nuint)(group * Group));
        }
    }

    /// <summary>Where the numbers of a group are: the first four in the lower half from its first byte on, the others in the upper from the middle on.</summary>
    private readonly record struct Lanes(Vector256<byte> Places, Vector256<uint> Shifts)
    {
        public static Lanes Of(int width)
        {
            Span<byte> places = stackalloc byte[Vector256<byte>.Count];
            Span<uint> shifts = stackalloc uint[Group];
            for (int i = 0; i < Group; i++)
            {
                int bit = i < Group / 2 ? i * width : (i * width) - (width / 2 * 8);
                shifts[i] = (uint)bit & 7;
                for (int part = 0; part < sizeof(int); part++)
                {
                    places[(i * sizeof(int)) + part] = (byte)((bit / 8) + part);
                }
            }

            return new Lanes(Vector256.Create<byte>(places), Vector256.Create<uint>(shifts));
        }
    }
}
