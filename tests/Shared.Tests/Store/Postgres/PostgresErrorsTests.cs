using Lambda.Store.Postgres.Database;
using Npgsql;
using Xunit;

namespace Lambda.Tests.Store.Postgres;

/// <summary>What is said of failures of the database.</summary>
public sealed class PostgresErrorsTests
{
    private static readonly PostgresErrors Errors = new(new NpgsqlConnectionStringBuilder("Host=db;Port=5432;Database=lambda"), "lambda");

    [Fact]
    public void A_refusal_is_told_in_one_line_without_the_place_in_a_command_that_nobody_sees()
    {
        PostgresException refusal = new("permission denied for schema lambda", "ERROR", "ERROR", PostgresErrorCodes.InsufficientPrivilege, position: 28);

        Assert.Equal(
            "The role that is connected to schema 'lambda' of database 'lambda' at db:5432 lacks a right: 42501: permission denied for schema lambda. "
            + "Grant it as docs/postgresql.md says.",
            Errors.Refused(refusal).Message);
    }

    [Theory]
    [InlineData(PostgresErrorCodes.CannotConnectNow, "the database system is starting up")]
    [InlineData(PostgresErrorCodes.AdminShutdown, "terminating connection due to administrator command")]
    [InlineData(PostgresErrorCodes.CrashShutdown, "terminating connection because of crash of another server process")]
    public void Of_a_server_that_starts_or_stops_it_is_said_to_wait_and_not_to_look_for_the_role(string code, string said)
    {
        Assert.Equal(
            $"The server of schema 'lambda' of database 'lambda' at db:5432 is starting up or shutting down: {code}: {said}. Start again in a moment.",
            Errors.Unusable(new PostgresException(said, "FATAL", "FATAL", code)).Message);
    }

    [Theory]
    [InlineData(PostgresErrorCodes.TooManyConnections, "sorry, too many clients already", "is not available just now")]
    [InlineData(PostgresErrorCodes.DiskFull, "could not extend file", "The server's disk is full")]
    [InlineData(PostgresErrorCodes.InvalidPassword, "password authentication failed", "See that the database exists and that role and password are right.")]
    [InlineData(PostgresErrorCodes.InvalidCatalogName, "database \"lambda\" does not exist", "See that the database exists and that role and password are right.")]
    public void The_role_is_doubted_only_where_it_may_be_wrong(string code, string said, string expected)
    {
        string message = Errors.Unusable(new PostgresException(said, "FATAL", "FATAL", code)).Message;

        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.Contains($"{code}: {said}", message, StringComparison.Ordinal);
    }
}
