using System.Data;
using Dapper;
using Npgsql;
using NpgsqlTypes;

namespace Lambda.Store.Postgres.Columns;

/// <summary>
/// Instants on their way to and from <c>timestamptz</c>, which counts microseconds from 2000 on, holds 4713 BC to 294276 AD, and knows no leap seconds.
/// </summary>
internal static class PostgresInstant
{
    private const long Year2000 = 946_684_800_000_000;
    private const long FirstRaw = -211_813_488_000_000_000;
    private const long EndRaw = 9_223_371_331_200_000_000;

    /// <summary>UTC microseconds since 1970 of an expression of type <c>timestamptz</c>, as SQL.</summary>
    public static string MicrosecondsSql(string expression) => $"(extract(epoch FROM {expression}) * 1000000)::bigint";

    /// <summary>As the database holds it.</summary>
    /// <exception cref="ViewStoreException">The instant lies outside of what it can hold.</exception>
    public static long ToRaw(long microseconds) => microseconds is >= FirstRaw + Year2000 && microseconds - Year2000 < EndRaw
        ? microseconds - Year2000
        : throw new ViewStoreException(
            $"PostgreSQL holds instants from 4713 BC to 294276 AD; {microseconds} microseconds from 1970 lie outside. Give the view shorter windows.");

    /// <summary>As the platform counts.</summary>
    public static long FromRaw(long raw) => raw + Year2000;

    /// <summary>A parameter that bounds instants: a bound beyond what the database holds bounds nothing, and becomes infinite.</summary>
    public static NpgsqlParameter Bound(string name, long microseconds)
    {
        long raw = microseconds < FirstRaw + Year2000 ? long.MinValue : Math.Min(microseconds - Year2000, EndRaw);
        return new NpgsqlParameter<long>(name, NpgsqlDbType.TimestampTz) { TypedValue = raw == EndRaw ? long.MaxValue : raw };
    }
}

/// <summary>A bound in UTC microseconds as a parameter of Dapper's.</summary>
internal readonly record struct InstantBound(long Microseconds) : SqlMapper.ICustomQueryParameter
{
    public void AddParameter(IDbCommand command, string name) => command.Parameters.Add(PostgresInstant.Bound(name, Microseconds));
}
