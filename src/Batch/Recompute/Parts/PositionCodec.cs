using Lambda.Aggregation.Encoding;
using Lambda.Log;

namespace Lambda.Batch.Recompute.Parts;

/// <summary>Positions in a log as bytes, in their order.</summary>
internal static class PositionCodec
{
    public static void Write(ByteWriter writer, IReadOnlyCollection<LogPosition> positions)
    {
        writer.WriteUnsigned((ulong)positions.Count);
        LogPosition last = default;
        foreach (LogPosition position in positions)
        {
            writer.WriteSigned((long)position.Partition - last.Partition);
            writer.WriteSigned(unchecked(position.Offset - last.Offset));
            last = position;
        }
    }

    /// <exception cref="FormatException">The bytes are no positions.</exception>
    public static List<LogPosition> Read(ref ByteReader reader)
    {
        int count = reader.ReadCount();
        List<LogPosition> positions = new(count);
        LogPosition last = default;
        for (int i = 0; i < count; i++)
        {
            last = new LogPosition((int)(last.Partition + reader.ReadSigned()), unchecked(last.Offset + reader.ReadSigned()));
            positions.Add(last);
        }

        return positions;
    }
}
