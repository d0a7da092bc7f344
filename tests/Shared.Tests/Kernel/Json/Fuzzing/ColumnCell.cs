using System.Text;
using Lambda.Events;

namespace Lambda.Tests.Kernel.Json.Fuzzing;

/// <summary>Values of columns as objects that are equal only when the bits are.</summary>
internal static class ColumnCell
{
    public static object? Of(Column column, int row) => column.Nulls is { } nulls && nulls[row] ? null : ValueOf(column, row);

    /// <summary>What stands in the column, also beside a null.</summary>
    public static object? ValueOf(Column column, int row) => column switch
    {
        Column<bool> flags => flags.Values[row],
        Column<int> numbers => numbers.Values[row],
        Column<long> numbers => numbers.Values[row],
        Column<double> numbers => Of(numbers.Values[row]),
        Column<decimal> numbers => Of(numbers.Values[row]),
        TextColumn texts => Encoding.UTF8.GetString(texts.Utf8(row)),
        DictionaryColumn texts => texts.Dictionary.GetString(texts.Ids[row]),
        _ => throw new InvalidOperationException($"Unknown column {column.GetType()}."),
    };

    public static object Of(double value) => BitConverter.DoubleToInt64Bits(value);

    public static object Of(decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        return ((ulong)(uint)bits[0] | ((ulong)(uint)bits[1] << 32), (uint)bits[2], bits[3]);
    }
}
