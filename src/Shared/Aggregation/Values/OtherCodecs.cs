using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Lambda.Aggregation.Encoding;
using Lambda.Events;

namespace Lambda.Aggregation.Values;

/// <summary>Doubles: −0 is 0, and every NaN the same value.</summary>
internal readonly struct DoubleCodec : IValueCodec<double>
{
    public static string Name => "double";

    public static ColumnType Column => ColumnType.Double;

    public static double Canonical(double value) => double.IsNaN(value) ? double.NaN : value + 0.0;

    public static bool IsNaN(double value) => double.IsNaN(value);

    public static int Compare(double left, double right) => left < right ? -1
        : left > right ? 1
        : left == right ? 0
        : double.IsNaN(left).CompareTo(double.IsNaN(right));

    public static bool AreEqual(double left, double right) => BitConverter.DoubleToInt64Bits(left) == BitConverter.DoubleToInt64Bits(right);

    public static ulong Hash(double value) => StableHash.Of(BitConverter.DoubleToUInt64Bits(value));

    public static void WriteColumn(double value, StateWriter writer) => writer.WriteDouble(value);

    public static double ReadColumn(StateReader reader) => reader.ReadDouble();

    public static void Write(double value, ByteWriter writer) => BinaryPrimitives.WriteDoubleLittleEndian(writer.Take(sizeof(double)), value);

    public static double Read(ref ByteReader reader) => BinaryPrimitives.ReadDoubleLittleEndian(reader.Take(sizeof(double)));
}

/// <summary>Single-precision numbers, kept as the doubles that they are equal to.</summary>
internal readonly struct SingleCodec : IValueCodec<float>
{
    public static string Name => "single";

    public static ColumnType Column => ColumnType.Double;

    public static float Canonical(float value) => float.IsNaN(value) ? float.NaN : value + 0.0f;

    public static bool IsNaN(float value) => float.IsNaN(value);

    public static int Compare(float left, float right) => DoubleCodec.Compare(left, right);

    public static bool AreEqual(float left, float right) => BitConverter.SingleToInt32Bits(left) == BitConverter.SingleToInt32Bits(right);

    public static ulong Hash(float value) => DoubleCodec.Hash(value);

    public static void WriteColumn(float value, StateWriter writer) => writer.WriteDouble(value);

    public static float ReadColumn(StateReader reader) => Canonical((float)reader.ReadDouble());

    public static void Write(float value, ByteWriter writer) => BinaryPrimitives.WriteSingleLittleEndian(writer.Take(sizeof(float)), value);

    public static float Read(ref ByteReader reader) => BinaryPrimitives.ReadSingleLittleEndian(reader.Take(sizeof(float)));
}

/// <summary>Decimals: without trailing zeros, and without a sign on zero.</summary>
internal readonly struct DecimalCodec : IValueCodec<decimal>
{
    public static string Name => "decimal";

    public static ColumnType Column => ColumnType.Decimal;

    public static decimal Canonical(decimal value)
    {
        // The quotient has no trailing zeros, but a zero keeps its sign.
        decimal quotient = value / 1.0000000000000000000000000000m;
        return quotient == 0 ? decimal.Zero : quotient;
    }

    public static int Compare(decimal left, decimal right) => left.CompareTo(right);

    public static bool AreEqual(decimal left, decimal right) => left == right;

    public static ulong Hash(decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        return StableHash.Of(MemoryMarshal.AsBytes<int>(parts));
    }

    public static void WriteColumn(decimal value, StateWriter writer) => writer.WriteDecimal(value);

    public static decimal ReadColumn(StateReader reader) => reader.ReadDecimal();

    public static void Write(decimal value, ByteWriter writer)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        foreach (int part in parts)
        {
            BinaryPrimitives.WriteInt32LittleEndian(writer.Take(sizeof(int)), part);
        }
    }

    public static decimal Read(ref ByteReader reader)
    {
        Span<int> parts = stackalloc int[4];
        foreach (ref int part in parts)
        {
            part = BinaryPrimitives.ReadInt32LittleEndian(reader.Take(sizeof(int)));
        }

        try
        {
            return new decimal(parts);
        }
        catch (ArgumentException error)
        {
            throw new FormatException("The bytes are not a decimal.", error);
        }
    }
}

/// <summary>
/// Texts by ordinal: in the order of their UTF-16 code units, and equal when all of these are. They are well-formed; <see cref="WellFormed"/> sees to it.
/// </summary>
internal readonly struct StringCodec : IValueCodec<string>
{
    public static string Name => "string";

    public static ColumnType Column => ColumnType.String;

    public static int Compare(string left, string right) => string.CompareOrdinal(left, right);

    public static bool AreEqual(string left, string right) => string.Equals(left, right, StringComparison.Ordinal);

    public static ulong Hash(string value) => StableHash.Of(value);

    public static void WriteColumn(string value, StateWriter writer) => writer.WriteString(value);

    public static string ReadColumn(StateReader reader) => reader.ReadString();

    public static void Write(string value, ByteWriter writer) => writer.WriteText(value);

    public static string Read(ref ByteReader reader) => reader.ReadText();
}

/// <summary>Globally unique identifiers, in the order of their texts.</summary>
internal readonly struct GuidCodec : IValueCodec<Guid>
{
    private const int Length = 16;

    public static string Name => "guid";

    public static ColumnType Column => ColumnType.String;

    public static int Compare(Guid left, Guid right) => left.CompareTo(right);

    public static bool AreEqual(Guid left, Guid right) => left == right;

    public static ulong Hash(Guid value)
    {
        Span<byte> bytes = stackalloc byte[Length];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        return StableHash.Of(bytes);
    }

    public static void WriteColumn(Guid value, StateWriter writer) => writer.WriteString(value.ToString("D"));

    public static Guid ReadColumn(StateReader reader) => Guid.ParseExact(reader.ReadString(), "D");

    public static void Write(Guid value, ByteWriter writer) => value.TryWriteBytes(writer.Take(Length), bigEndian: true, out _);

    public static Guid Read(ref ByteReader reader) => new(reader.Take(Length), bigEndian: true);
}
