using Dapper;
using DuckDB.NET.Data;
using Lambda.Store.Relational;
using Lambda.Time;

namespace Lambda.Store.Embedded.Batch;

/// <summary>The reports of audits.</summary>
internal static class AuditTable
{
    /// <summary>Adds a report.</summary>
    public static void Add(DuckDBConnection connection, AuditReport report) => connection.Execute(
        "INSERT INTO audits VALUES ($stream, $generation, $auditedAt, $outcome, $checks)",
        new
        {
            stream = report.Stream,
            generation = report.Generation,
            auditedAt = UtcMicroseconds.From(report.AuditedAt),
            outcome = report.Outcome.ToString(),
            checks = StoredJson.Write(report.Checks),
        });

    /// <summary>The reports of a stream, newest first: by generation, as a clock may have been set back since one was audited.</summary>
    public static IReadOnlyList<AuditReport> Read(DuckDBConnection connection, string stream, int limit) =>
        Select(connection, stream, "ORDER BY generation DESC, audited_at DESC LIMIT $limit", new { stream, limit });

    /// <summary>The report of a generation; null when there is none.</summary>
    public static AuditReport? Find(DuckDBConnection connection, string stream, long generation) =>
        Select(connection, stream, "AND generation = $generation ORDER BY audited_at DESC LIMIT 1", new { stream, generation }).SingleOrDefault();

    private static IReadOnlyList<AuditReport> Select(DuckDBConnection connection, string stream, string rest, object parameters) => [.. connection
        .Query<(long Generation, long AuditedAt, string Outcome, string Checks)>(
            $"SELECT generation, audited_at, outcome, checks FROM audits WHERE stream = $stream {rest}", parameters)
        .Select(row => new AuditReport(
            stream,
            row.Generation,
            UtcMicroseconds.ToDateTimeOffset(row.AuditedAt),
            Enum.Parse<AuditOutcome>(row.Outcome),
            StoredJson.Read<CheckResult[]>(row.Checks)))];
}
