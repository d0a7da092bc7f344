using System.Buffers.Binary;
using System.Globalization;
using Lambda.Batch.ForeignTables.Avro;

namespace Lambda.Batch.ForeignTables.Hudi.Logs;

/// <summary>A row that a block deletes.</summary>
/// <param name="Key">The key of the row.</param>
/// <param name="Ordering">The value that orders the deletion among the changes of the row; null when its place in the log does.</param>
internal sealed record LogDelete(string Key, (OrderingKind Kind, string Text)? Ordering)
{
    private const int OldestReadVersion = 3;
    private const int OptionsOfText = 2;

    /// <summary>The types that ordering values may have, and one for what newer versions may have added, which is refused.</summary>
    private const int OptionsOfOrdering = 32;

    private const int ScaleOfDecimals = 15;

    /// <summary>Reads the content of a block.</summary>
    /// <exception cref="FormatException">It is damaged.</exception>
    /// <exception cref="NotSupportedException">It has what is not read.</exception>
    public static List<LogDelete> Read(ReadOnlySpan<byte> content)
    {
        const int sizeOfHead = 2 * sizeof(int);
        int version = content.Length >= sizeOfHead ? BinaryPrimitives.ReadInt32BigEndian(content) : throw new FormatException("it is too short");
        if (version < OldestReadVersion)
        {
            throw new NotSupportedException($"deletions as objects of Java (block version {version})");
        }

        int length = BinaryPrimitives.ReadInt32BigEndian(content[sizeof(int)..]);
        if (version > OldestReadVersion || length != content.Length - sizeOfHead)
        {
            throw new FormatException($"its version is {version} and its length {length}, where {OldestReadVersion} is known and {content.Length - sizeOfHead} bytes follow");
        }

        AvroBytes bytes = new(content[sizeOfHead..]);
        List<LogDelete> deletes = [];
        for (long count = bytes.Count(); count > 0; count = bytes.Count())
        {
            for (; count > 0; count--)
            {
                string? key = OptionalText(ref bytes);
                OptionalText(ref bytes);
                deletes.Add(new LogDelete(key ?? throw new FormatException("a deletion has no key"), ReadOrdering(ref bytes)));
            }
        }

        return bytes.Left == 0 ? deletes : throw new FormatException($"{bytes.Left} of its bytes are left");
    }

    private static string? OptionalText(ref AvroBytes bytes) => bytes.Option(OptionsOfText) == 0 ? null : bytes.Text();

    private static (OrderingKind Kind, string Text)? ReadOrdering(ref AvroBytes bytes)
    {
        OrderingKind kind = (OrderingKind)bytes.Option(OptionsOfOrdering);
        switch (kind)
        {
            case OrderingKind.None:
                return null;
            case OrderingKind.Boolean:
                return (kind, bytes.Boolean() ? "true" : "false");
            case OrderingKind.Int:
                // The number 0 of this type stands for no value: the deletion is later than what is before it.
                return bytes.Int() is not 0 and var number ? (kind, number.ToString(CultureInfo.InvariantCulture)) : null;
            case OrderingKind.Long:
            case OrderingKind.TimestampMicros:
                return (kind, bytes.Long().ToString(CultureInfo.InvariantCulture));
            case OrderingKind.Float:
                return (kind, bytes.Float().ToString("R", CultureInfo.InvariantCulture));
            case OrderingKind.Double:
                return (kind, bytes.Double().ToString("R", CultureInfo.InvariantCulture));
            case OrderingKind.Text:
                return (kind, bytes.Text());
            case OrderingKind.Date:
                return (kind, AvroTimes.Date(bytes.Int()));
            case OrderingKind.Decimal:
                return (kind, AvroDecimal.Text(bytes.Bytes(), ScaleOfDecimals));
            default:
                throw new NotSupportedException($"a deletion whose ordering value is of the type {kind}");
        }
    }
}

/// <summary>The types of ordering values of deletions, by their numbers in the format.</summary>
internal enum OrderingKind
{
    None,
    Boolean,
    Int,
    Long,
    Float,
    Double,
    Bytes,
    Text,
    Date,
    Decimal,
    TimeMicros,
    TimestampMicros,
}
