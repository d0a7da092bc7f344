using Lambda.Store.Postgres.Database;
using Npgsql;
using Xunit;

namespace Lambda.Tests.Store;

/// <summary>What is said of failures of the database.</summary>
public sealed class PostgresErrorsTests
{
    [Fact]
    public void A_refusal_is_told_in_one_line_without_the_place_in_a_command_that_nobody_sees()
    {
        PostgresErrors errors = new(new NpgsqlConnectionStringBuilder("Host=db;Port=5432;Database=lambda"), "lambda");
        PostgresException refusal = new("permission denied for schema lambda", "ERROR", "ERROR", PostgresErrorCodes.InsufficientPrivilege, position: 28);

        Assert.Equal(
            "The role that is connected to schema 'lambda' of database 'lambda' at db:5432 lacks a right: 42501: permission denied for schema lambda. "
            + "Grant it as docs/postgresql.md says.",
            errors.Refused(refusal).Message);
    }
}
