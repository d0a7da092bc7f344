using Lambda.Serving.Answers;
using Parquet.Data;
using Parquet.Schema;

namespace Lambda.Serving.Formats;

/// <summary>Makes columns of Parquet files.</summary>
internal sealed class ParquetForms : IColumnForms<ParquetColumn>
{
    public static readonly ParquetForms Instance = new();

    private ParquetForms()
    {
    }

    public ParquetColumn Boolean(string name, Func<ViewRow, bool?> value) => Of(name, value);

    public ParquetColumn Int32(string name, Func<ViewRow, int?> value) => Of(name, value);

    public ParquetColumn Int64(string name, Func<ViewRow, long?> value) => Of(name, value);

    public ParquetColumn Wide(string name, Func<ViewRow, Int128?> value) => new ParquetColumn.Values<BigDecimal>(
        new BigDecimalDataField(name, WideNumbers.Digits, scale: 0, isNullable: true),
        row => value(row) is { } number ? new BigDecimal(number, scale: 0, precision: WideNumbers.Digits) : null);

    public ParquetColumn Single(string name, Func<ViewRow, float?> value) => Of(name, value);

    public ParquetColumn Double(string name, Func<ViewRow, double?> value) => Of(name, value);

    public ParquetColumn Instant(string name, Func<ViewRow, DateTimeOffset?> value) => new ParquetColumn.Values<DateTime>(
        new DateTimeDataField(name, DateTimeFormat.Timestamp, isAdjustedToUTC: true, DateTimeTimeUnit.Micros, isNullable: true), row => value(row)?.UtcDateTime);

    public ParquetColumn Text(string name, Func<ViewRow, string?> value) => new ParquetColumn.Texts(name, value);

    private static ParquetColumn.Values<T> Of<T>(string name, Func<ViewRow, T?> value)
        where T : struct => new(new DataField<T>(name, nullable: true), value);
}
