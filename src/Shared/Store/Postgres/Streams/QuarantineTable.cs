using Dapper;
using Lambda.Events;
using Lambda.Log;
using Lambda.Store.Postgres.Columns;
using Npgsql;
using NpgsqlTypes;

namespace Lambda.Store.Postgres.Streams;

/// <summary>
/// Records that a layer has refused, once for each position and layer, and once only when both refused it for the same reason. Their numbers by reason
/// are kept beside them, partition by partition, so that whoever holds the partition's lock changes them alone: the state of a stream is read far more often
/// than records are refused.
/// </summary>
internal static class QuarantineTable
{
    public const string SpeedLayer = "speed";
    public const string BatchLayer = "batch";

    private const string Columns = "stream, partition, position, layer, appended_at, reason, detail, record_key, record_value";

    private const string CreateStageSql =
        "CREATE TEMP TABLE IF NOT EXISTS stage_quarantine (LIKE quarantine) ON COMMIT DELETE ROWS";

    private const string AddStagedSql =
        $"""
        WITH added AS (
            INSERT INTO quarantine ({Columns})
            SELECT {Columns} FROM pg_temp.stage_quarantine AS staged WHERE NOT EXISTS (
                SELECT 1 FROM quarantine AS kept
                WHERE kept.stream = staged.stream AND kept.partition = staged.partition AND kept.position = staged.position
                    AND (kept.layer = staged.layer OR kept.reason = staged.reason))
            ON CONFLICT DO NOTHING
            RETURNING stream, partition, reason)
        INSERT INTO quarantine_counts AS counts
        SELECT stream, partition, reason, count(*) FROM added GROUP BY stream, partition, reason
        ON CONFLICT (stream, partition, reason) DO UPDATE SET records = counts.records + excluded.records
        """;

    /// <summary>Adds records; those that are there already, from the same layer or for the same reason, are left alone. Their partitions are locked.</summary>
    public static async ValueTask AddAsync(NpgsqlConnection connection, string layer, IReadOnlyList<QuarantinedRecord> records)
    {
        if (records.Count == 0)
        {
            return;
        }

        await connection.ExecuteAsync(CreateStageSql).ConfigureAwait(false);
        NpgsqlBinaryImporter copy = await connection
            .BeginBinaryImportAsync($"COPY pg_temp.stage_quarantine ({Columns}) FROM STDIN (FORMAT BINARY)").ConfigureAwait(false);
        await using (copy.ConfigureAwait(false))
        {
            foreach (QuarantinedRecord record in records)
            {
                await copy.StartRowAsync().ConfigureAwait(false);
                await copy.WriteAsync(record.Stream, NpgsqlDbType.Text).ConfigureAwait(false);
                await copy.WriteAsync(record.Partition, NpgsqlDbType.Integer).ConfigureAwait(false);
                await copy.WriteAsync(record.Offset, NpgsqlDbType.Bigint).ConfigureAwait(false);
                await copy.WriteAsync(layer, NpgsqlDbType.Text).ConfigureAwait(false);
                await copy.WriteAsync(record.AppendedAt, NpgsqlDbType.Bigint).ConfigureAwait(false);
                await copy.WriteAsync(record.Reason.ToString(), NpgsqlDbType.Text).ConfigureAwait(false);
                await copy.WriteAsync(StoredText.Write(record.Detail), NpgsqlDbType.Text).ConfigureAwait(false);
                await copy.WriteAsync(record.Key, NpgsqlDbType.Bytea).ConfigureAwait(false);
                await copy.WriteAsync(record.Value, NpgsqlDbType.Bytea).ConfigureAwait(false);
            }

            await copy.CompleteAsync().ConfigureAwait(false);
        }

        await connection.ExecuteAsync(AddStagedSql).ConfigureAwait(false);
    }

    /// <summary>Removes the records at positions, whichever layer has refused them.</summary>
    public static async ValueTask<int> RemoveAsync(NpgsqlConnection connection, string stream, IReadOnlyCollection<LogPosition> positions) =>
        await connection.ExecuteScalarAsync<int>(
            """
            WITH removed AS (
                DELETE FROM quarantine USING unnest(@partitions, @offsets) AS gone (partition, position)
                WHERE stream = @stream AND quarantine.partition = gone.partition AND quarantine.position = gone.position
                RETURNING quarantine.partition, reason),
            counted AS (
                UPDATE quarantine_counts AS counts SET records = counts.records - removed.records
                FROM (SELECT partition, reason, count(*) AS records FROM removed GROUP BY partition, reason) AS removed
                WHERE counts.stream = @stream AND counts.partition = removed.partition AND counts.reason = removed.reason)
            SELECT count(*)::integer FROM removed
            """,
            new
            {
                stream,
                partitions = positions.Select(position => position.Partition).ToArray(),
                offsets = positions.Select(position => position.Offset).ToArray(),
            }).ConfigureAwait(false);

    /// <summary>How many records there are of each reason.</summary>
    public static async ValueTask<IReadOnlyDictionary<RejectReason, long>> CountAsync(NpgsqlConnection connection, string stream) =>
        (await connection.QueryAsync<(string Reason, long Count)>(
            "SELECT reason, sum(records)::bigint FROM quarantine_counts WHERE stream = @stream GROUP BY reason HAVING sum(records) > 0",
            new { stream }).ConfigureAwait(false))
            .ToDictionary(row => Enum.Parse<RejectReason>(row.Reason), row => row.Count);

    /// <summary>Records by reason, newest append first; those of a stretch by offset, the highest first.</summary>
    public static async ValueTask<QuarantinePage> ReadAsync(NpgsqlConnection connection, string stream, QuarantineFilter filter, int limit)
    {
        string[] reasons = [.. filter.Reasons.Select(reason => reason.ToString())];
        string condition = reasons.Length == 0 ? "" : "AND reason = ANY (@reasons) ";
        if (filter.Within is not { } stretch)
        {
            IReadOnlyDictionary<RejectReason, long> counts = await CountAsync(connection, stream).ConfigureAwait(false);
            return new QuarantinePage(
                counts.Where(count => reasons.Length == 0 || filter.Reasons.Contains(count.Key)).Sum(count => count.Value),
                await SelectAsync(
                    connection, filter.MaxBytes, $"{condition}ORDER BY appended_at DESC, partition, position DESC, layer DESC LIMIT @limit", new { stream, reasons, limit })
                    .ConfigureAwait(false));
        }

        condition += "AND partition = @partition AND position < @below ";
        var parameters = new { stream, reasons, partition = stretch.Partition, below = stretch.Below, limit };
        return new QuarantinePage(
            await connection.ExecuteScalarAsync<long>($"SELECT count(*) FROM quarantine WHERE stream = @stream {condition}", parameters).ConfigureAwait(false),
            await SelectAsync(connection, filter.MaxBytes, $"{condition}ORDER BY position DESC, layer DESC LIMIT @limit", parameters).ConfigureAwait(false));
    }

    /// <summary>The record at a position; the speed layer's reason when both layers have refused it.</summary>
    public static async ValueTask<QuarantinedRecord?> FindAsync(NpgsqlConnection connection, string stream, int partition, long offset) =>
        (await SelectAsync(
            connection, null, "AND partition = @partition AND position = @offset ORDER BY layer DESC LIMIT 1", new { stream, partition, offset })
            .ConfigureAwait(false)).SingleOrDefault();

    private static async ValueTask<IReadOnlyList<QuarantinedRecord>> SelectAsync(NpgsqlConnection connection, int? maxBytes, string rest, object parameters) =>
    [
        .. (await connection
            .QueryAsync<(string Stream, int Partition, long Position, long AppendedAt, string Reason, string Detail, byte[] Key, byte[] Value, int Length)>(
                $"""
                SELECT stream, partition, position, appended_at, reason, detail,
                    {Beginning("record_key", maxBytes)}, {Beginning("record_value", maxBytes)}, octet_length(record_value)
                FROM quarantine WHERE stream = @stream {rest}
                """,
                parameters).ConfigureAwait(false))
            .Select(row => new QuarantinedRecord(
                row.Stream,
                row.Partition,
                row.Position,
                row.AppendedAt,
                Enum.Parse<RejectReason>(row.Reason),
                StoredText.Read(row.Detail),
                row.Key,
                row.Value)
            {
                Unread = row.Length - row.Value.Length,
            }),
    ];

    private static string Beginning(string column, int? maxBytes) => maxBytes is { } bytes ? $"substring({column}, 1, {bytes})" : column;
}
