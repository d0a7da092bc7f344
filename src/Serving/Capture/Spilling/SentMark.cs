using System.Buffers.Binary;
using System.Numerics;
using Microsoft.Win32.SafeHandles;

namespace Lambda.Capture.Spilling;

/// <summary>
/// How far the events of a spill folder have been sent, in two slots that are written in turn, so that a torn write leaves the one before. Not synced: an older
/// mark sends some events again, which is what a crash costs.
/// </summary>
internal sealed class SentMark : IDisposable
{
    private const int SlotBytes = 32;

    private readonly SafeFileHandle _file;
    private long _writes;

    private SentMark(SafeFileHandle file)
    {
        _file = file;
    }

    /// <summary>The newest position that was written; the start when there is none.</summary>
    public SpillPosition Position { get; private set; }

    public static SentMark Open(string path)
    {
        SentMark mark = new(File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite));
        mark.Load();
        mark.TakeRoom();
        return mark;
    }

    public void Write(SpillPosition position)
    {
        Span<byte> slot = stackalloc byte[SlotBytes];
        _writes++;
        BinaryPrimitives.WriteInt64LittleEndian(slot, _writes);
        BinaryPrimitives.WriteInt64LittleEndian(slot[8..], position.Segment);
        BinaryPrimitives.WriteInt64LittleEndian(slot[16..], position.Offset);
        BinaryPrimitives.WriteUInt32LittleEndian(slot[24..], Checksum(slot));
        RandomAccess.Write(_file, slot, _writes % 2 * SlotBytes);
        Position = position;
    }

    public void Dispose() => _file.Dispose();

    private void Load()
    {
        Span<byte> slot = stackalloc byte[SlotBytes];
        for (int place = 0; place < 2; place++)
        {
            slot.Clear();
            RandomAccess.Read(_file, slot, place * SlotBytes);
            long writes = BinaryPrimitives.ReadInt64LittleEndian(slot);
            if (writes > _writes && BinaryPrimitives.ReadUInt32LittleEndian(slot[24..]) == Checksum(slot))
            {
                _writes = writes;
                Position = new SpillPosition(BinaryPrimitives.ReadInt64LittleEndian(slot[8..]), BinaryPrimitives.ReadInt64LittleEndian(slot[16..]));
            }
        }
    }

    /// <summary>Has the disk give the room for both slots while it has some. Without it, a mark cannot be written when events have filled the disk.</summary>
    private void TakeRoom()
    {
        long length = RandomAccess.GetLength(_file);
        if (length >= 2 * SlotBytes)
        {
            return;
        }

        try
        {
            RandomAccess.Write(_file, new byte[(2 * SlotBytes) - length], length);
        }
        catch (IOException)
        {
            // The disk is full already. What is there can be sent all the same, and then there is room.
        }
    }

    private static uint Checksum(ReadOnlySpan<byte> slot)
    {
        uint sum = BitOperations.Crc32C(uint.MaxValue, BinaryPrimitives.ReadUInt64LittleEndian(slot));
        sum = BitOperations.Crc32C(sum, BinaryPrimitives.ReadUInt64LittleEndian(slot[8..]));
        return BitOperations.Crc32C(sum, BinaryPrimitives.ReadUInt64LittleEndian(slot[16..]));
    }
}
