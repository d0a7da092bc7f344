using System.Globalization;
using System.Text.Json;
using Lambda.Events;
using Parquet;
using Parquet.Schema;

namespace Lambda.Hosting.Ingest;

/// <summary>A column of a Parquet file whose values are written as a member of JSON objects.</summary>
internal abstract class ParquetColumn
{
    private static readonly ColumnType[] Numbers = [ColumnType.Int32, ColumnType.Int64, ColumnType.Double, ColumnType.Decimal];

    /// <summary>The column; null when its values have no place in a JSON object, or do not fit the member.</summary>
    /// <param name="field">The column in the file.</param>
    /// <param name="member">The member that it is named after; null when there is none.</param>
    public static ParquetColumn? TryCreate(DataField field, EventMember? member)
    {
        if (field.IsArray)
        {
            return null;
        }

        JsonEncodedText name = JsonEncodedText.Encode(member?.JsonName ?? field.Name);
        return field.ClrType switch
        {
            var type when type == typeof(bool) => Of<bool>(field, name, member, (writer, value) => writer.WriteBooleanValue(value), ColumnType.Boolean),
            var type when type == typeof(sbyte) => Of<sbyte>(field, name, member, (writer, value) => writer.WriteNumberValue(value), Numbers),
            var type when type == typeof(byte) => Of<byte>(field, name, member, (writer, value) => writer.WriteNumberValue(value), Numbers),
            var type when type == typeof(short) => Of<short>(field, name, member, (writer, value) => writer.WriteNumberValue(value), Numbers),
            var type when type == typeof(ushort) => Of<ushort>(field, name, member, (writer, value) => writer.WriteNumberValue(value), Numbers),
            var type when type == typeof(int) => Of<int>(field, name, member, (writer, value) => writer.WriteNumberValue(value), Numbers),
            var type when type == typeof(uint) => Of<uint>(field, name, member, (writer, value) => writer.WriteNumberValue(value), Numbers),
            var type when type == typeof(long) => Of<long>(field, name, member, (writer, value) => writer.WriteNumberValue(value), Numbers),
            var type when type == typeof(ulong) => Of<ulong>(field, name, member, (writer, value) => writer.WriteNumberValue(value), Numbers),
            var type when type == typeof(float) => Of<float>(
                field, name, member, (writer, value) => WriteDouble(writer, value), ColumnType.Double, ColumnType.Decimal),
            var type when type == typeof(double) => Of<double>(field, name, member, WriteDouble, ColumnType.Double, ColumnType.Decimal),
            var type when type == typeof(decimal) => Of<decimal>(
                field, name, member, (writer, value) => writer.WriteNumberValue(value), ColumnType.Double, ColumnType.Decimal),
            var type when type == typeof(DateTime) && field is DateTimeDataField { DateTimeFormat: DateTimeFormat.Date }
                && member?.PlainType == typeof(DateOnly) => Of<DateTime>(
                field, name, member, (writer, value) => writer.WriteStringValue(value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)), ColumnType.String),
            var type when type == typeof(DateTime) => Of<DateTime>(field, name, member, WriteInstant, ColumnType.Timestamp),
            var type when type == typeof(DateOnly) => Of<DateOnly>(
                field, name, member, (writer, value) => WriteInstant(writer, value.ToDateTime(TimeOnly.MinValue)), ColumnType.Timestamp),
            var type when type == typeof(Guid) => Of<Guid>(field, name, member, (writer, value) => writer.WriteStringValue(value), ColumnType.String),
            var type when type == typeof(ReadOnlyMemory<char>) => Of<ReadOnlyMemory<char>>(
                field, name, member, (writer, value) => writer.WriteStringValue(value.Span), ColumnType.String),
            _ => null,
        };
    }

    /// <summary>Replaces the values by those of a row group.</summary>
    public abstract ValueTask ReadAsync(ParquetRowGroupReader group, int rows, CancellationToken cancellationToken);

    /// <summary>Writes name and value of a row.</summary>
    public abstract void Write(Utf8JsonWriter writer, int row);

    private static ParquetColumn? Of<T>(
        DataField field, JsonEncodedText name, EventMember? member, Action<Utf8JsonWriter, T> write, params ColumnType[] fitting)
        where T : struct
    {
        if (member is { Kind: not MemberKind.Value } || (member is not null && !fitting.Contains(member.Type)))
        {
            return null;
        }

        return field.IsNullable ? new Nullable<T>(field, name, write) : new Required<T>(field, name, write);
    }

    /// <summary>A time without a zone is taken as UTC, and what has one the reader has converted to it.</summary>
    private static void WriteInstant(Utf8JsonWriter writer, DateTime value) => writer.WriteStringValue(DateTime.SpecifyKind(value, DateTimeKind.Utc));

    private static void WriteDouble(Utf8JsonWriter writer, double value)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            // JSON has no number for it; the record is quarantined and shows why.
            writer.WriteStringValue(value.ToString(CultureInfo.InvariantCulture));
        }
    }

    private sealed class Nullable<T>(DataField field, JsonEncodedText name, Action<Utf8JsonWriter, T> write) : ParquetColumn
        where T : struct
    {
        private T?[] _values = [];

        public override ValueTask ReadAsync(ParquetRowGroupReader group, int rows, CancellationToken cancellationToken)
        {
            if (_values.Length < rows)
            {
                _values = new T?[rows];
            }

            return group.ReadAsync<T>(field, _values.AsMemory(0, rows), cancellationToken: cancellationToken);
        }

        public override void Write(Utf8JsonWriter writer, int row)
        {
            if (_values[row] is { } value)
            {
                writer.WritePropertyName(name);
                write(writer, value);
            }
            else
            {
                writer.WriteNull(name);
            }
        }
    }

    private sealed class Required<T>(DataField field, JsonEncodedText name, Action<Utf8JsonWriter, T> write) : ParquetColumn
        where T : struct
    {
        private T[] _values = [];

        public override ValueTask ReadAsync(ParquetRowGroupReader group, int rows, CancellationToken cancellationToken)
        {
            if (_values.Length < rows)
            {
                _values = new T[rows];
            }

            return group.ReadAsync(field, _values.AsMemory(0, rows), cancellationToken: cancellationToken);
        }

        public override void Write(Utf8JsonWriter writer, int row)
        {
            writer.WritePropertyName(name);
            write(writer, _values[row]);
        }
    }
}
