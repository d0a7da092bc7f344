using System.Numerics;
using Lambda.Events;
using Npgsql;

namespace Lambda.Store.Postgres.Columns;

/// <summary>Adds values of a query's rows to a column.</summary>
internal abstract class ColumnReader
{
    /// <summary>Adds the value of the present row.</summary>
    public abstract void Read(NpgsqlDataReader reader, int ordinal);

    /// <summary>The reader that fills a column.</summary>
    public static ColumnReader Of(ColumnBuffer column) => column switch
    {
        ColumnBuffer<long> { Type: ColumnType.Timestamp } typed => new ColumnReader<long, long>(typed, PostgresInstant.FromRaw),
        ColumnBuffer<bool> typed => new ColumnReader<bool, bool>(typed, value => value),
        ColumnBuffer<int> typed => new ColumnReader<int, int>(typed, value => value),
        ColumnBuffer<long> typed => new ColumnReader<long, long>(typed, value => value),
        ColumnBuffer<Int128> typed => new ColumnReader<Int128, BigInteger>(typed, value => (Int128)value),
        ColumnBuffer<double> typed => new ColumnReader<double, double>(typed, value => value),
        ColumnBuffer<decimal> typed => new ColumnReader<decimal, decimal>(typed, value => value),
        ColumnBuffer<string> typed => new ColumnReader<string, string>(typed, StoredText.Read),
        ColumnBuffer<byte[]> typed => new ColumnReader<byte[], byte[]>(typed, value => value),
        _ => throw new ArgumentOutOfRangeException(nameof(column), column.Type, "Unknown column type."),
    };
}

/// <inheritdoc/>
internal sealed class ColumnReader<T, TStored>(ColumnBuffer<T> column, Func<TStored, T> convert) : ColumnReader
{
    public override void Read(NpgsqlDataReader reader, int ordinal)
    {
        if (reader.IsDBNull(ordinal))
        {
            column.AddNull();
        }
        else
        {
            column.Add(convert(reader.GetFieldValue<TStored>(ordinal)));
        }
    }
}
