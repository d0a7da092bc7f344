using Npgsql;

namespace Lambda.Batch.Jobs;

/// <summary>
/// The turn of one process to make Hangfire's tables or to bring them up to date. Hangfire takes none of its own: of processes that are started together all but one fail
/// in the middle of that, with a stack trace in the log, and try again.
/// </summary>
internal sealed class JobSchemaTurn : IDisposable
{
    private const int LockClass = 0x4C414D4A;

    private readonly NpgsqlConnection? _holder;
    private readonly string _schema;

    private JobSchemaTurn(NpgsqlConnection? holder, string schema)
    {
        _holder = holder;
        _schema = schema;
    }

    /// <summary>Waits for the turn. Without a database there is none to wait for: Hangfire waits for that by itself.</summary>
    /// <param name="connectionString">The database.</param>
    /// <param name="schema">The schema of the tables.</param>
    public static JobSchemaTurn Wait(string connectionString, string schema)
    {
        NpgsqlConnection connection = new(connectionString);
        try
        {
            connection.Open();
            Execute(connection, "SELECT pg_advisory_lock(@class, hashtext(@schema))", schema);
            return new JobSchemaTurn(connection, schema);
        }
        catch (NpgsqlException)
        {
            connection.Dispose();
            return new JobSchemaTurn(null, schema);
        }
    }

    /// <summary>Gives the turn to the next one.</summary>
    public void Dispose()
    {
        if (_holder is not { } holder)
        {
            return;
        }

        try
        {
            // A connection that goes back to its pool would keep the lock.
            Execute(holder, "SELECT pg_advisory_unlock(@class, hashtext(@schema))", _schema);
        }
        catch (NpgsqlException)
        {
            // The connection has ended, and the lock with it.
        }

        holder.Dispose();
    }

    private static void Execute(NpgsqlConnection connection, string sql, string schema)
    {
        using NpgsqlCommand command = new(sql, connection);
        command.Parameters.AddWithValue("class", LockClass);
        command.Parameters.AddWithValue("schema", schema);
        command.ExecuteNonQuery();
    }
}
