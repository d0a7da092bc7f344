using System.Globalization;
using Hangfire;
using Hangfire.InMemory;
using Hangfire.PostgreSql;
using Hangfire.PostgreSql.Factories;
using Lambda.Batch.Jobs;
using Lambda.Store;
using Npgsql;

namespace Lambda.Batch;

/// <summary>Where schedules and jobs of the batch layer are kept.</summary>
internal sealed class JobStorageChoice
{
    private readonly Func<JobStorage> _open;

    private JobStorageChoice(Func<JobStorage> open) => _open = open;

    /// <summary>In this process, which no other one sees. Schedules are registered at each start, and a run makes up for all that was missed.</summary>
    public static JobStorageChoice Memory { get; } = new(
        () => new InMemoryStorage(new InMemoryStorageOptions { IdType = InMemoryStorageIdType.Guid }));

    /// <summary>In PostgreSQL, for any number of processes: each job is taken by one of them.</summary>
    /// <param name="connectionString">The database.</param>
    /// <param name="schema">The schema, made when it is missing.</param>
    /// <remarks>Opening it throws a <see cref="ViewStoreException"/> when the role may neither use nor make the schema.</remarks>
    public static JobStorageChoice Postgres(string connectionString, string schema) => new(() =>
    {
        RefuseWithoutRights(connectionString, schema);
        PostgreSqlStorageOptions options = new()
        {
            SchemaName = schema,
            QueuePollInterval = TimeSpan.FromSeconds(1),

            // A run can take longer than any fixed time; one whose process died is taken up again this long after its last sign of life. Should that be a
            // mistake, the lease in the store still lets one run at a time publish.
            UseSlidingInvisibilityTimeout = true,
            InvisibilityTimeout = TimeSpan.FromMinutes(1),

            // Locks guard short work on schedules only. One whose process was killed must be gone before the next start, which waits fifteen seconds for it,
            // gives up.
            DistributedLockTimeout = TimeSpan.FromSeconds(10),
        };
        using JobSchemaTurn turn = JobSchemaTurn.Wait(connectionString, schema);
        return new PostgreSqlStorage(new NpgsqlConnectionFactory(connectionString, options), options);
    });

    /// <summary>Opens it, for one host: one that is kept in memory is another at each call.</summary>
    internal JobStorage Open() => _open();

    /// <summary>
    /// Hangfire takes a missing right for an outage: it tries again for a minute, with a stack trace each time, and fails in another place in the end.
    /// </summary>
    private static void RefuseWithoutRights(string connectionString, string schema)
    {
        try
        {
            using NpgsqlConnection connection = new(connectionString);
            connection.Open();
            using NpgsqlCommand command = new(
                """
                SELECT CASE WHEN to_regnamespace(quote_ident(@schema)) IS NULL THEN has_database_privilege(current_database(), 'CREATE')
                ELSE has_schema_privilege(@schema, 'USAGE') END
                """,
                connection);
            command.Parameters.AddWithValue("schema", schema);
            if (command.ExecuteScalar() is false)
            {
                throw new ViewStoreException(
                    $"The role that is connected to database '{connection.Database}' at {connection.Host}:{connection.Port.ToString(CultureInfo.InvariantCulture)} may not "
                    + $"use or make the schema '{schema}', in which the batch layer keeps its jobs. Make it and let the role own it, as docs/postgresql.md says.");
            }
        }
        catch (NpgsqlException)
        {
            // An outage, for which Hangfire waits.
        }
    }
}
