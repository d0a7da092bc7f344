using System.Numerics;
using Lambda.Events;
using Npgsql;
using NpgsqlTypes;

namespace Lambda.Store.Postgres.Columns;

/// <summary>Copies the values of a column to a binary COPY, row by row.</summary>
internal abstract class ColumnWriter
{
    /// <summary>Writes the value of a row.</summary>
    public abstract Task WriteAsync(NpgsqlBinaryImporter copy, int row);

    /// <summary>The writer for a column of values.</summary>
    public static ColumnWriter Of(ColumnBuffer column) => column switch
    {
        ColumnBuffer<long> { Type: ColumnType.Timestamp } typed => new ColumnWriter<long, long>(typed, PostgresInstant.ToRaw),
        ColumnBuffer<bool> typed => new ColumnWriter<bool, bool>(typed, value => value),
        ColumnBuffer<int> typed => new ColumnWriter<int, int>(typed, value => value),
        ColumnBuffer<long> typed => new ColumnWriter<long, long>(typed, value => value),
        ColumnBuffer<Int128> typed => new ColumnWriter<Int128, BigInteger>(typed, value => value),
        ColumnBuffer<double> typed => new ColumnWriter<double, double>(typed, value => value),
        ColumnBuffer<decimal> typed => new ColumnWriter<decimal, decimal>(typed, value => value),
        ColumnBuffer<string> typed => new ColumnWriter<string, string>(typed, StoredText.Write),
        ColumnBuffer<byte[]> typed => new ColumnWriter<byte[], byte[]>(typed, value => value),
        _ => throw new ArgumentOutOfRangeException(nameof(column), column.Type, "Unknown column type."),
    };

    /// <summary>The writer for a part of a key: equal values become equal in the database too.</summary>
    public static ColumnWriter OfKey(ColumnBuffer column) => column is ColumnBuffer<decimal> typed
        ? new ColumnWriter<decimal, decimal>(typed, KeyAddress.Canonical)
        : Of(column);

    /// <summary>The writer of the same value in every row.</summary>
    public static ColumnWriter Constant<T>(NpgsqlDbType type, T value) => new ConstantWriter<T>(type, value);
}

/// <inheritdoc/>
internal sealed class ColumnWriter<T, TStored>(ColumnBuffer<T> column, Func<T, TStored> convert) : ColumnWriter
{
    private readonly NpgsqlDbType _type = PostgresTypes.Of(column.Type);

    public override Task WriteAsync(NpgsqlBinaryImporter copy, int row) =>
        column.IsNull(row) ? copy.WriteNullAsync() : copy.WriteAsync(convert(column[row]), _type);
}

/// <inheritdoc/>
internal sealed class ConstantWriter<T>(NpgsqlDbType type, T value) : ColumnWriter
{
    public override Task WriteAsync(NpgsqlBinaryImporter copy, int row) => copy.WriteAsync(value, type);
}
