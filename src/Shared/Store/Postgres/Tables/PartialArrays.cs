using Lambda.Store.Postgres.Columns;
using Lambda.Views.Partials;
using Npgsql;
using NpgsqlTypes;

namespace Lambda.Store.Postgres.Tables;

/// <summary>Partials as parameters: one array per column.</summary>
internal static class PartialArrays
{
    /// <summary>The addresses, and the columns of <paramref name="count"/> partials of a batch in the order of <see cref="ViewTable.PartialColumns"/>.</summary>
    public static NpgsqlParameter[] Of(PartialBatch partials, int first, int count)
    {
        KeyAddress address = new();
        byte[][] addresses = new byte[count][];
        for (int row = 0; row < addresses.Length; row++)
        {
            addresses[row] = address.Of(partials.Keys, first + row);
        }

        return
        [
            new NpgsqlParameter<byte[][]> { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea, TypedValue = addresses },
            .. ViewTable.Writers(partials).Select(writer => writer.ToArray(first, count)),
        ];
    }
}
