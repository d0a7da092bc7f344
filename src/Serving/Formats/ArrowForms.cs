using Apache.Arrow.Types;
using Lambda.Serving.Answers;
using Lambda.Time;

namespace Lambda.Serving.Formats;

/// <summary>Makes columns of Arrow's record batches.</summary>
internal sealed class ArrowForms : IColumnForms<ArrowColumn>
{
    public static readonly ArrowForms Instance = new();

    private static readonly TimestampType UtcMicros = new(TimeUnit.Microsecond, "UTC");
    private static readonly Decimal128Type Decimal = new(WideNumbers.Digits, scale: 0);

    private ArrowForms()
    {
    }

    public ArrowColumn Boolean(string name, Func<ViewRow, bool?> value) => new ArrowColumn.Flags(name, value);

    public ArrowColumn Int32(string name, Func<ViewRow, int?> value) => new ArrowColumn.Values<int>(name, Int32Type.Default, value);

    public ArrowColumn Int64(string name, Func<ViewRow, long?> value) => new ArrowColumn.Values<long>(name, Int64Type.Default, value);

    // A decimal without a scale is a whole number of 128 bits in two's complement.
    public ArrowColumn Wide(string name, Func<ViewRow, Int128?> value) => new ArrowColumn.Values<Int128>(name, Decimal, value);

    public ArrowColumn Single(string name, Func<ViewRow, float?> value) => new ArrowColumn.Values<float>(name, FloatType.Default, value);

    public ArrowColumn Double(string name, Func<ViewRow, double?> value) => new ArrowColumn.Values<double>(name, DoubleType.Default, value);

    public ArrowColumn Instant(string name, Func<ViewRow, DateTimeOffset?> value) => new ArrowColumn.Values<long>(
        name, UtcMicros, row => value(row) is { } instant ? UtcMicroseconds.From(instant) : null);

    public ArrowColumn Text(string name, Func<ViewRow, string?> value) => new ArrowColumn.Texts(name, value);
}
