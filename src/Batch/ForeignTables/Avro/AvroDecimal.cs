using System.Globalization;
using System.Numerics;

namespace Lambda.Batch.ForeignTables.Avro;

/// <summary>Decimals, which are the bytes of a whole number in Avro, the highest first, with the place of the point in the schema.</summary>
internal static class AvroDecimal
{
    /// <summary>A damaged number may have many bytes, and making text of them takes long; no decimal that is read has more than 38 digits.</summary>
    private const int MostBytes = 32;

    /// <summary>The decimal as text.</summary>
    public static string Text(ReadOnlySpan<byte> bytes, int scale)
    {
        BigInteger whole = bytes.Length <= MostBytes ? new BigInteger(bytes, isUnsigned: false, isBigEndian: true) : throw new FormatException("a decimal has too many digits");
        string digits = BigInteger.Abs(whole).ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        return $"{(whole.Sign < 0 ? "-" : "")}{digits[..^scale]}{(scale > 0 ? "." : "")}{digits[^scale..]}";
    }
}
