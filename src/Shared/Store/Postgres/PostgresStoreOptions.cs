using System.Text;
using System.Text.RegularExpressions;
using Lambda.Store.Postgres.Database;
using Lambda.Store.Postgres.Tables;
using Npgsql;

namespace Lambda.Store.Postgres;

/// <summary>Which database of a PostgreSQL server holds the store.</summary>
public sealed partial record PostgresStoreOptions
{
    private readonly string _connectionString = "";
    private readonly string _schema = "lambda";

    /// <summary>
    /// How to reach the database, in Npgsql's form, such as <c>Host=db;Database=views;Username=lambda</c>. It names a host and a database; everything
    /// else, such as TLS, timeouts and the size of the pool, is as Npgsql has it.
    /// </summary>
    /// <exception cref="ArgumentException">It cannot be read, or names no host or no database.</exception>
    public required string ConnectionString
    {
        get => _connectionString;
        init
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(value);
            NpgsqlConnectionStringBuilder parts = new(value);
            if (string.IsNullOrWhiteSpace(parts.Host) || string.IsNullOrWhiteSpace(parts.Database))
            {
                throw new ArgumentException(
                    "The connection string must name a host and a database, as in 'Host=db;Database=views;Username=lambda'.", nameof(value));
            }

            _connectionString = value;
        }
    }

    /// <summary>The schema that holds everything, created when it is missing. Nothing outside of it is written. Default <c>lambda</c>.</summary>
    /// <exception cref="ArgumentException">It is not made of up to 40 lower-case letters, digits and underscores, beginning with a letter.</exception>
    public string Schema
    {
        get => _schema;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            if (!PlainName().IsMatch(value) || value.StartsWith("pg_", StringComparison.Ordinal))
            {
                throw new ArgumentException(
                    $"'{value}' cannot be the schema: write up to 40 lower-case letters, digits and underscores that begin with a letter and not "
                    + "with 'pg_'.",
                    nameof(value));
            }

            _schema = value;
        }
    }

    /// <summary>How long lies between two looks at who holds up a write (see <see cref="StalledWriters"/>).</summary>
    internal TimeSpan BetweenLooks { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many partials are packed into a row at most; fewer are never packed (see <see cref="PackedPartials"/>).</summary>
    internal int PieceSize { get; init; } = PackedPartials.DefaultPieceSize;

    // The generated one would print the password.
    private bool PrintMembers(StringBuilder text)
    {
        NpgsqlConnectionStringBuilder parts = new(ConnectionString);
        text.Append($"Host = {parts.Host}, Port = {parts.Port}, Database = {parts.Database}, Schema = {Schema}");
        return true;
    }

    [GeneratedRegex("^[a-z][a-z0-9_]{0,39}$", RegexOptions.CultureInvariant)]
    private static partial Regex PlainName();
}
