using Dapper;
using Lambda.Store.Relational;
using Lambda.Time;
using Npgsql;

namespace Lambda.Store.Postgres.Batch;

/// <summary>The reports of audits.</summary>
internal static class AuditTable
{
    /// <summary>Adds a report.</summary>
    public static Task AddAsync(NpgsqlConnection connection, AuditReport report) => connection.ExecuteAsync(
        "INSERT INTO audits VALUES (@Stream, @Generation, @auditedAt, @outcome, @checks)",
        new
        {
            report.Stream,
            report.Generation,
            auditedAt = UtcMicroseconds.From(report.AuditedAt),
            outcome = report.Outcome.ToString(),
            checks = StoredJson.Write(report.Checks),
        });

    /// <summary>The reports of a stream, newest first: by generation, as a clock may have been set back since one was audited.</summary>
    public static ValueTask<IReadOnlyList<AuditReport>> ReadAsync(NpgsqlConnection connection, string stream, int limit) =>
        SelectAsync(connection, stream, "ORDER BY generation DESC, audited_at DESC LIMIT @limit", new { stream, limit });

    /// <summary>The report of a generation; null when there is none.</summary>
    public static async ValueTask<AuditReport?> FindAsync(NpgsqlConnection connection, string stream, long generation) =>
        (await SelectAsync(connection, stream, "AND generation = @generation ORDER BY audited_at DESC LIMIT 1", new { stream, generation })
            .ConfigureAwait(false)).SingleOrDefault();

    private static async ValueTask<IReadOnlyList<AuditReport>> SelectAsync(NpgsqlConnection connection, string stream, string rest, object parameters) =>
    [
        .. (await connection.QueryAsync<(long Generation, long AuditedAt, string Outcome, string Checks)>(
            $"SELECT generation, audited_at, outcome, checks FROM audits WHERE stream = @stream {rest}", parameters).ConfigureAwait(false))
            .Select(row => new AuditReport(
                stream,
                row.Generation,
                UtcMicroseconds.ToDateTimeOffset(row.AuditedAt),
                Enum.Parse<AuditOutcome>(row.Outcome),
                StoredJson.Read<CheckResult[]>(row.Checks))),
    ];
}
