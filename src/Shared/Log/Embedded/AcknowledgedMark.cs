using System.Buffers.Binary;
using System.Numerics;
using Microsoft.Win32.SafeHandles;

namespace Lambda.Log.Embedded;

/// <summary>
/// Remembers, outside the store, up to which write number appends have been acknowledged. A store that recovers less than that has lost
/// acknowledged records, which a checksum alone cannot tell from the torn tail of a write that was never acknowledged.
/// </summary>
/// <remarks>
/// The mark is written after the store's sync and not synced itself: after a power loss it may be older than the truth, never newer. Two
/// slots take turns, so that a torn one leaves the other.
/// </remarks>
internal sealed class AcknowledgedMark : IDisposable
{
    private const int SlotLength = 12;
    private readonly SafeFileHandle _file;
    private int _slot;

    private AcknowledgedMark(SafeFileHandle file, ulong sequence, int slot)
    {
        _file = file;
        Sequence = sequence;
        _slot = slot;
    }

    /// <summary>Every write up to this number has been acknowledged and must be in the store.</summary>
    public ulong Sequence { get; private set; }

    public static AcknowledgedMark Open(string path)
    {
        SafeFileHandle file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        Span<byte> slots = stackalloc byte[2 * SlotLength];
        slots.Clear();
        RandomAccess.Read(file, slots, 0);
        ulong first = ReadSlot(slots);
        ulong second = ReadSlot(slots[SlotLength..]);
        return first >= second ? new AcknowledgedMark(file, first, slot: 0) : new AcknowledgedMark(file, second, slot: 1);
    }

    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Advance(ulong sequence)
    {
        Span<byte> slot = stackalloc byte[SlotLength];
        BinaryPrimitives.WriteUInt64LittleEndian(slot, sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(slot[8..], BitOperations.Crc32C(0xffffffff, sequence));
        _slot = 1 - _slot;
        RandomAccess.Write(_file, slot, _slot * SlotLength);
        Sequence = sequence;
    }

    public void Dispose() => _file.Dispose();

    private static ulong ReadSlot(ReadOnlySpan<byte> slot)
    {
        ulong sequence = BinaryPrimitives.ReadUInt64LittleEndian(slot);
        uint checksum = BinaryPrimitives.ReadUInt32LittleEndian(slot[8..]);
        return checksum == BitOperations.Crc32C(0xffffffff, sequence) ? sequence : 0;
    }
}
