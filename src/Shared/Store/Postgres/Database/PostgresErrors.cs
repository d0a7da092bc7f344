using Npgsql;

namespace Lambda.Store.Postgres.Database;

/// <summary>What failures of the database mean, in words that name it.</summary>
internal sealed class PostgresErrors(NpgsqlConnectionStringBuilder parts, string schema)
{
    /// <summary>The code <c>idle_in_transaction_session_timeout</c>: the server has ended a transaction that asked nothing of it for too long.</summary>
    private const string IdleTooLong = "25P03";

    private string Where => $"schema '{schema}' of database '{parts.Database}' at {parts.Host}:{parts.Port}";

    /// <summary>Whether a failure comes from the database or the way to it, rather than from the caller or from the program.</summary>
    public static bool IsOurs(Exception failure) => failure is NpgsqlException or TimeoutException or IOException or System.Net.Sockets.SocketException;

    /// <summary>
    /// Whether a connection that was open is no more, as the server or the way to it went away. Not where a new one cannot be had, nor where an answer takes
    /// too long: to ask again would only double the wait.
    /// </summary>
    public static bool IsLostConnection(Exception failure) => failure switch
    {
        PostgresException refusal => refusal.SqlState
            is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or IdleTooLong,
        NpgsqlException { InnerException: IOException } => true,
        _ => false,
    };

    /// <summary>A call that failed before its transaction was committed; nothing of it took effect.</summary>
    public ViewStoreException Refused(Exception failure) => failure switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } => new(
            $"The role that is connected to {Where} lacks a right: {Said(failure)}. Grant it as docs/postgresql.md says.", failure),
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } => new(
            $"The server's disk is full; nothing was written to {Where}: {Said(failure)}. Make room and start again.", failure),
        PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } => new(
            $"The server of {Where} takes no writes, as a standby does: {Said(failure)}. Connect to the primary.", failure),
        PostgresException { IsTransient: true } => new(
            $"The view store in {Where} is not available just now, and nothing was written: {Said(failure)}. Start again from what is committed.",
            failure),
        PostgresException => new(
            $"The view store in {Where} refused an operation, and nothing was written: {Said(failure)}. If tables are missing or altered, restore "
            + "the schema from a backup.",
            failure),
        _ => new(
            $"The connection to {Where} failed, and nothing was written: {Reason(failure)}. See that the server runs and can be reached.", failure),
    };

    /// <summary>A store that cannot be opened.</summary>
    public ViewStoreException Unusable(Exception failure) => failure switch
    {
        PostgresException { SqlState: PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown } => new(
            $"The server of {Where} is starting up or shutting down: {Said(failure)}. Start again in a moment.", failure),
        PostgresException { IsTransient: false, SqlState: not PostgresErrorCodes.InsufficientPrivilege } => new(
            $"The view store in {Where} cannot be opened: {Said(failure)}. See that the database exists and that role and password are right.", failure),
        _ => Refused(failure),
    };

    /// <summary>A commit whose answer did not come.</summary>
    public ViewStoreException NotKnown(Exception failure) => new(
        $"A commit to {Where} got no answer, so whether it took effect is not known: {Reason(failure)}. Start again from what the store holds.", failure);

    private static string Reason(Exception failure) =>
        failure.InnerException is { } inner ? $"{failure.Message.TrimEnd('.')} ({inner.Message.TrimEnd('.')})" : failure.Message.TrimEnd('.');

    // Npgsql's own message has the place in the command behind it, on a line of its own.
    private static string Said(Exception failure) =>
        failure is PostgresException refusal ? $"{refusal.SqlState}: {refusal.MessageText}" : failure.Message;
}
