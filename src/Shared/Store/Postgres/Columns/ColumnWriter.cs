using Lambda.Events;
using Npgsql;
using NpgsqlTypes;

namespace Lambda.Store.Postgres.Columns;

/// <summary>Takes the values of a column to the database: row by row by a binary COPY, or all at once as an array.</summary>
internal abstract class ColumnWriter
{
    /// <summary>Writes the value of a row.</summary>
    public abstract Task WriteAsync(NpgsqlBinaryImporter copy, int row);

    /// <summary>The values of <paramref name="count"/> rows as one parameter.</summary>
    public abstract NpgsqlParameter ToArray(int first, int count);

    /// <summary>The writer for a column of values.</summary>
    public static ColumnWriter Of(ColumnBuffer column) => column switch
    {
        ColumnBuffer<long> { Type: ColumnType.Timestamp } typed => new ValueWriter<long, long>(typed, PostgresInstant.ToRaw),
        ColumnBuffer<bool> typed => new ValueWriter<bool, bool>(typed, value => value),
        ColumnBuffer<int> typed => new ValueWriter<int, int>(typed, value => value),
        ColumnBuffer<long> typed => new ValueWriter<long, long>(typed, value => value),
        ColumnBuffer<Int128> typed => new WideIntegerWriter(typed),
        ColumnBuffer<double> typed => new ValueWriter<double, double>(typed, value => value),
        ColumnBuffer<decimal> typed => new ValueWriter<decimal, decimal>(typed, value => value),
        ColumnBuffer<string> typed => new ReferenceWriter<string>(typed, StoredText.Write),
        ColumnBuffer<byte[]> typed => new ReferenceWriter<byte[]>(typed, value => value),
        _ => throw new ArgumentOutOfRangeException(nameof(column), column.Type, "Unknown column type."),
    };

    /// <summary>The writer for a part of a key: equal values become equal in the database too.</summary>
    public static ColumnWriter OfKey(ColumnBuffer column) => column is ColumnBuffer<decimal> typed
        ? new ValueWriter<decimal, decimal>(typed, CanonicalDecimal.Of)
        : Of(column);

    /// <summary>The parameter of an array.</summary>
    protected static NpgsqlParameter Parameter(NpgsqlDbType elements, Array values) =>
        new() { NpgsqlDbType = NpgsqlDbType.Array | elements, Value = values };
}

/// <inheritdoc/>
internal sealed class ValueWriter<T, TStored>(ColumnBuffer<T> column, Func<T, TStored> convert) : ColumnWriter
    where TStored : struct
{
    private readonly NpgsqlDbType _type = PostgresTypes.Of(column.Type);

    public override Task WriteAsync(NpgsqlBinaryImporter copy, int row) =>
        column.IsNull(row) ? copy.WriteNullAsync() : copy.WriteAsync(convert(column[row]), _type);

    public override NpgsqlParameter ToArray(int first, int count)
    {
        TStored[] values = new TStored[count];
        for (int row = 0; row < values.Length; row++)
        {
            if (column.IsNull(first + row))
            {
                return ToNullableArray(first, count);
            }

            values[row] = convert(column[first + row]);
        }

        return Parameter(_type, values);
    }

    private NpgsqlParameter ToNullableArray(int first, int count)
    {
        TStored?[] values = new TStored?[count];
        for (int row = 0; row < values.Length; row++)
        {
            values[row] = column.IsNull(first + row) ? null : convert(column[first + row]);
        }

        return Parameter(_type, values);
    }
}

/// <inheritdoc/>
internal sealed class ReferenceWriter<T>(ColumnBuffer<T> column, Func<T, T> convert) : ColumnWriter
    where T : class
{
    private readonly NpgsqlDbType _type = PostgresTypes.Of(column.Type);

    public override Task WriteAsync(NpgsqlBinaryImporter copy, int row) =>
        column.IsNull(row) ? copy.WriteNullAsync() : copy.WriteAsync(convert(column[row]), _type);

    public override NpgsqlParameter ToArray(int first, int count)
    {
        T?[] values = new T?[count];
        for (int row = 0; row < values.Length; row++)
        {
            values[row] = column.IsNull(first + row) ? null : convert(column[first + row]);
        }

        return Parameter(_type, values);
    }
}
