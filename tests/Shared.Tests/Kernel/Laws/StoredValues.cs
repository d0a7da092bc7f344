using System.Globalization;
using Lambda.Aggregation;
using Lambda.Events;

namespace Lambda.Tests.Kernel.Laws;

/// <summary>A state as a file of examples keeps it.</summary>
/// <param name="Columns">One text per state column; null for null.</param>
/// <param name="Result">The result of the state, bit for bit.</param>
internal sealed record StoredState(IReadOnlyList<string?> Columns, string Result);

/// <summary>State columns as texts that are the same in every build: doubles by their bits, bytes in hexadecimal.</summary>
internal static class StoredValues
{
    public static IReadOnlyList<string?> Of(IReadOnlyList<ColumnBuffer> columns) => [.. columns.Select(column => column.GetValue(0) switch
    {
        null => null,
        byte[] bytes => Convert.ToHexStringLower(bytes),
        double number => BitConverter.DoubleToInt64Bits(number).ToString("x16", CultureInfo.InvariantCulture),
        decimal number => string.Join('.', decimal.GetBits(number).Select(part => part.ToString(CultureInfo.InvariantCulture))),
        IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
        var value => value.ToString(),
    })];

    public static IReadOnlyList<ColumnBuffer> Columns(IReadOnlyList<StateColumn> declared, IReadOnlyList<string?> stored)
    {
        List<ColumnBuffer> columns = [.. declared.Select(column => ColumnBuffer.Create(column.Type))];
        for (int i = 0; i < columns.Count; i++)
        {
            if (stored[i] is { } text)
            {
                Add(columns[i], text);
            }
            else
            {
                columns[i].AddNull();
            }
        }

        return columns;
    }

    private static void Add(ColumnBuffer column, string text)
    {
        switch (column)
        {
            case ColumnBuffer<bool> values:
                values.Add(bool.Parse(text));
                break;
            case ColumnBuffer<int> values:
                values.Add(int.Parse(text, CultureInfo.InvariantCulture));
                break;
            case ColumnBuffer<long> values:
                values.Add(long.Parse(text, CultureInfo.InvariantCulture));
                break;
            case ColumnBuffer<Int128> values:
                values.Add(Int128.Parse(text, CultureInfo.InvariantCulture));
                break;
            case ColumnBuffer<double> values:
                values.Add(BitConverter.Int64BitsToDouble(long.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture)));
                break;
            case ColumnBuffer<decimal> values:
                values.Add(new decimal([.. text.Split('.').Select(part => int.Parse(part, CultureInfo.InvariantCulture))]));
                break;
            case ColumnBuffer<string> values:
                values.Add(text);
                break;
            case ColumnBuffer<byte[]> values:
                values.Add(Convert.FromHexString(text));
                break;
            default:
                throw new NotSupportedException($"No example has a state column of type {column.Type} yet.");
        }
    }
}
