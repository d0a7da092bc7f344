using System.Numerics;
using Lambda.Events;
using Npgsql;
using NpgsqlTypes;

namespace Lambda.Store.Postgres.Columns;

/// <summary>Values of key parts that queries name.</summary>
internal static class KeyValues
{
    /// <summary>Adds a value to a column; null is a null.</summary>
    /// <exception cref="ArgumentException">The value is of another type than the column.</exception>
    public static void Add(ColumnBuffer column, object? value)
    {
        switch (column, value)
        {
            case (_, null): column.AddNull(); break;
            case (ColumnBuffer<bool> typed, bool given): typed.Add(given); break;
            case (ColumnBuffer<int> typed, int given): typed.Add(given); break;
            case (ColumnBuffer<long> typed, long given): typed.Add(given); break;
            case (ColumnBuffer<Int128> typed, Int128 given): typed.Add(given); break;
            case (ColumnBuffer<double> typed, double given): typed.Add(given); break;
            case (ColumnBuffer<decimal> typed, decimal given): typed.Add(given); break;
            case (ColumnBuffer<string> typed, string given): typed.Add(given); break;
            case (ColumnBuffer<byte[]> typed, byte[] given): typed.Add(given); break;
            default: throw new ArgumentException($"A {value.GetType().Name} was given for a key part of type {column.Type}.", nameof(value));
        }
    }

    /// <summary>The first value of a column, which is not null, as a parameter.</summary>
    public static NpgsqlParameter Parameter(string name, ColumnBuffer column) => column switch
    {
        ColumnBuffer<long> { Type: ColumnType.Timestamp } typed => PostgresInstant.Bound(name, typed[0]),
        ColumnBuffer<bool> typed => new NpgsqlParameter<bool>(name, typed[0]),
        ColumnBuffer<int> typed => new NpgsqlParameter<int>(name, typed[0]),
        ColumnBuffer<long> typed => new NpgsqlParameter<long>(name, typed[0]),
        ColumnBuffer<Int128> typed => new NpgsqlParameter<BigInteger>(name, NpgsqlDbType.Numeric) { TypedValue = typed[0] },
        ColumnBuffer<decimal> typed => new NpgsqlParameter<decimal>(name, typed[0]),
        ColumnBuffer<string> typed => new NpgsqlParameter<string>(name, StoredText.Write(typed[0])),
        ColumnBuffer<byte[]> typed => new NpgsqlParameter<byte[]>(name, typed[0]),
        _ => throw new ArgumentOutOfRangeException(nameof(column), column.Type, "Unknown column type."),
    };
}
