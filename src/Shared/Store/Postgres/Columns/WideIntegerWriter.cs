using System.Numerics;
using Lambda.Events;
using Npgsql;
using NpgsqlTypes;

namespace Lambda.Store.Postgres.Columns;

/// <summary>
/// Takes integers of 128 bits to the database as <c>numeric</c>. Nearly all are small enough for a <see cref="decimal"/>, of which the driver makes a <c>numeric</c> without
/// arithmetic on integers of any length.
/// </summary>
internal sealed class WideIntegerWriter(ColumnBuffer<Int128> column) : ColumnWriter
{
    private static readonly Int128 Most = (Int128)decimal.MaxValue;

    public override Task WriteAsync(NpgsqlBinaryImporter copy, int row)
    {
        if (column.IsNull(row))
        {
            return copy.WriteNullAsync();
        }

        Int128 value = column[row];
        return IsSmall(value) ? copy.WriteAsync((decimal)value, NpgsqlDbType.Numeric) : copy.WriteAsync((BigInteger)value, NpgsqlDbType.Numeric);
    }

    public override NpgsqlParameter ToArray(int first, int count)
    {
        bool hasNull = false;
        bool areSmall = true;
        for (int row = first; row < first + count; row++)
        {
            bool isNull = column.IsNull(row);
            hasNull |= isNull;
            areSmall &= isNull || IsSmall(column[row]);
        }

        return (areSmall, hasNull) switch
        {
            (true, false) => Values(first, count, value => (decimal)value),
            (true, true) => Nullables(first, count, value => (decimal)value),
            (false, false) => Values(first, count, value => (BigInteger)value),
            (false, true) => Nullables(first, count, value => (BigInteger)value),
        };
    }

    private static bool IsSmall(Int128 value) => value <= Most && value >= -Most;

    private NpgsqlParameter Values<T>(int first, int count, Func<Int128, T> convert)
    {
        T[] values = new T[count];
        for (int row = 0; row < count; row++)
        {
            values[row] = convert(column[first + row]);
        }

        return Parameter(NpgsqlDbType.Numeric, values);
    }

    private NpgsqlParameter Nullables<T>(int first, int count, Func<Int128, T> convert)
        where T : struct
    {
        T?[] values = new T?[count];
        for (int row = 0; row < count; row++)
        {
            values[row] = column.IsNull(first + row) ? null : convert(column[first + row]);
        }

        return Parameter(NpgsqlDbType.Numeric, values);
    }
}
