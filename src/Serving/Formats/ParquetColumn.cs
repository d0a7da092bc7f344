using System.Globalization;
using System.Numerics;
using Lambda.Events;
using Lambda.Serving.Answers;
using Lambda.Serving.Api;
using Lambda.Views.Composing;
using Parquet;
using Parquet.Data;
using Parquet.Schema;

namespace Lambda.Serving.Formats;

/// <summary>A column of an answer's rows in a Parquet file.</summary>
internal abstract class ParquetColumn
{
    /// <summary>As many as the decimals of most readers can have.</summary>
    private const int WideDigits = 38;

    /// <summary>Its name and type in the file.</summary>
    public abstract DataField Field { get; }

    /// <summary>Writes its values of all rows.</summary>
    public abstract Task WriteAsync(ParquetRowGroupWriter group, IReadOnlyList<ViewRow> rows, CancellationToken cancellationToken);

    /// <summary>A column of instants, which the file has as UTC microseconds.</summary>
    public static ParquetColumn Instant(string name, Func<ViewRow, DateTimeOffset?> value) => new Values<DateTime>(
        new DateTimeDataField(name, DateTimeFormat.Timestamp, isAdjustedToUTC: true, DateTimeTimeUnit.Micros, isNullable: true), row => value(row)?.UtcDateTime);

    /// <summary>A column of numbers.</summary>
    public static ParquetColumn Number(string name, Func<ViewRow, long?> value) => new Values<long>(new DataField<long>(name, nullable: true), value);

    /// <summary>A column of texts.</summary>
    public static ParquetColumn Text(string name, Func<ViewRow, string?> value) => new Texts(name, value);

    /// <summary>A column of a part of the group key; instants are texts in answers.</summary>
    public static ParquetColumn OfKey(string name, ColumnType type, int part)
    {
        return type switch
        {
            ColumnType.Boolean => Of<bool>(name, Value),
            ColumnType.Int32 => Of<int>(name, Value),
            ColumnType.Int64 => Of<long>(name, Value),
            ColumnType.Timestamp => Instant(
                name, row => Value(row) is string text && Instants.TryParse(text, out long instant) ? Instants.ToDateTimeOffset(instant) : null),
            _ => Text(name, row => TextOf(Value(row))),
        };

        object? Value(ViewRow row) => row.Key.Values[part];
    }

    /// <summary>
    /// A column of results. Whole numbers beyond 64 bits, as sums are, are decimals of 38 digits. What Parquet has no type for, such as decimals of any scale, is text, and
    /// structures are JSON.
    /// </summary>
    public static ParquetColumn OfResult(string name, Type type, int aggregate)
    {
        Type values = Nullable.GetUnderlyingType(type) ?? type;
        return Type.GetTypeCode(values) switch
        {
            TypeCode.Boolean => Of<bool>(name, Value),
            TypeCode.SByte or TypeCode.Byte or TypeCode.Int16 or TypeCode.UInt16 or TypeCode.Int32 =>
                Of<int>(name, row => Value(row) is { } number ? Convert.ToInt32(number, CultureInfo.InvariantCulture) : null),
            TypeCode.UInt32 or TypeCode.Int64 => Of<long>(name, row => Value(row) is { } number ? Convert.ToInt64(number, CultureInfo.InvariantCulture) : null),
            TypeCode.UInt64 => Wide(name, row => (ulong?)Value(row)),
            TypeCode.Single => Of<float>(name, Value),
            TypeCode.Double => Of<double>(name, Value),
            TypeCode.DateTime => Instant(name, row => Value(row) is DateTime instant ? new DateTimeOffset(instant.ToUniversalTime()) : null),
            _ when values == typeof(Int128) => Wide(name, row => (Int128?)Value(row)),
            _ when values == typeof(DateTimeOffset) => Instant(name, row => (DateTimeOffset?)Value(row)),
            _ => Text(name, row => TextOf(Value(row))),
        };

        object? Value(ViewRow row) => row.Values.Values[aggregate];
    }

    private static Values<T> Of<T>(string name, Func<ViewRow, object?> value)
        where T : struct => new(new DataField<T>(name, nullable: true), row => (T?)value(row));

    private static Values<BigDecimal> Wide(string name, Func<ViewRow, Int128?> value) => new(
        new BigDecimalDataField(name, WideDigits, scale: 0, isNullable: true), row => value(row) is { } number ? Wide(number) : null);

    private static BigDecimal Wide(Int128 number) => BigInteger.Abs(number) < BigInteger.Pow(10, WideDigits)
        ? new BigDecimal(number, scale: 0, precision: WideDigits)
        : throw RequestException.BadParameter(
            "format", $"A result has more than {WideDigits} digits, which is more than a decimal of Parquet can have. Ask for json, ndjson or csv.");

    private static string? TextOf(object? value) => value switch
    {
        null => null,
        string text => text,
        DateOnly date => date.ToString("O", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => ResultValue.ToJson(value),
    };

    private sealed class Values<T>(DataField declared, Func<ViewRow, T?> value) : ParquetColumn
        where T : struct
    {
        public override DataField Field => declared;

        public override async Task WriteAsync(ParquetRowGroupWriter group, IReadOnlyList<ViewRow> rows, CancellationToken cancellationToken)
        {
            T?[] values = new T?[rows.Count];
            for (int row = 0; row < values.Length; row++)
            {
                values[row] = value(rows[row]);
            }

            await group.WriteAsync<T>(declared, values.AsMemory(), cancellationToken: cancellationToken).ConfigureAwait(false);
        }
    }

    private sealed class Texts(string name, Func<ViewRow, string?> value) : ParquetColumn
    {
        public override DataField Field { get; } = new DataField<string>(name, nullable: true);

        public override async Task WriteAsync(ParquetRowGroupWriter group, IReadOnlyList<ViewRow> rows, CancellationToken cancellationToken) =>
            await group.WriteAsync(Field, [.. rows.Select(value)]).ConfigureAwait(false);
    }
}
