using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lambda.Events;

/// <summary>
/// The first and the last eight bytes of a text, which overlap when it is shorter than sixteen. Texts of up to sixteen bytes are equal when words and
/// length are.
/// </summary>
internal readonly record struct TextWords(ulong First, ulong Last, int Length)
{
    /// <summary>Up to how many bytes the words tell the whole text.</summary>
    private const int MaxWhole = 2 * sizeof(ulong);

    /// <summary>Whether the words tell the whole text.</summary>
    public bool IsWhole => Length <= MaxWhole;

    /// <summary>The words of a text.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TextWords Of(ReadOnlySpan<byte> text)
    {
        ref byte first = ref MemoryMarshal.GetReference(text);
        int length = text.Length;
        if (length >= sizeof(ulong))
        {
            return new TextWords(Unsafe.ReadUnaligned<ulong>(ref first), Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, length - sizeof(ulong))), length);
        }

        if (length >= sizeof(uint))
        {
            return new TextWords(Unsafe.ReadUnaligned<uint>(ref first), Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref first, length - sizeof(uint))), length);
        }

        // One to three bytes: the first, the one in the middle, and the last are all there are.
        return length == 0
            ? default
            : new TextWords(first, Unsafe.Add(ref first, length >> 1) | ((ulong)Unsafe.Add(ref first, length - 1) << 8), length);
    }
}
