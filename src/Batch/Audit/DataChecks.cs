using System.Data.Common;
using System.Globalization;
using DuckDB.NET.Data;
using Lambda.Events;
using Lambda.Log;
using Lambda.Quality;
using Lambda.Store;

namespace Lambda.Batch.Audit;

/// <summary>
/// Runs a stream's checks of the data as a whole: by DuckDB over the files the generation was computed from, without the rows that were removed.
/// One scan gives all figures; only checks that fail cost another, for samples of failing rows.
/// </summary>
internal sealed class DataChecks : IAuditCheck
{
    private const int Samples = 5;

    public async Task<IReadOnlyList<CheckResult>> RunAsync(AuditSubject subject, CancellationToken cancellationToken)
    {
        IReadOnlyList<(DataCheck Check, DataCheckSql Sql)> checks =
            [.. subject.Stream.Definition.DataChecks.Select(check => (check, DataCheckSql.Of(check)))];
        if (checks.Count == 0)
        {
            return [];
        }

        await using DuckDBConnection duck = new("DataSource=:memory:");
        await duck.OpenAsync(cancellationToken).ConfigureAwait(false);
        await PrepareAsync(duck, subject, cancellationToken).ConfigureAwait(false);
        double[] figures = await MeasureAsync(duck, [.. checks.Select(check => check.Sql.Figure)], cancellationToken).ConfigureAwait(false);
        List<CheckResult> results = [];
        for (int i = 0; i < checks.Count; i++)
        {
            results.Add(await JudgeAsync(duck, checks[i].Check, checks[i].Sql, figures[i], cancellationToken).ConfigureAwait(false));
        }

        return results;
    }

    /// <summary>Makes a view <c>counted</c> of the rows below the boundary that were not removed.</summary>
    private static async Task PrepareAsync(DuckDBConnection duck, AuditSubject subject, CancellationToken cancellationToken)
    {
        await ExecuteAsync(duck, "CREATE TABLE removed (partition INTEGER, position BIGINT)", cancellationToken).ConfigureAwait(false);
        await ExecuteAsync(duck, "CREATE TABLE boundary (partition INTEGER, position BIGINT)", cancellationToken).ConfigureAwait(false);
        Append(duck, "removed", subject.Computation.Repetitions.Concat(subject.Computation.Refused.Select(row => row.Position)));
        Append(duck, "boundary", subject.Boundary.Offsets.Select((offset, partition) => new LogPosition(partition, offset)));
        string rows = subject.Archive.Files.Count > 0 ? ParquetFiles.Table(subject.Archive.Files) : Nothing(subject);
        await ExecuteAsync(
            duck,
            $"""
            CREATE VIEW counted AS SELECT events.* FROM {rows} AS events
            JOIN boundary ON events._partition = boundary.partition AND events._offset < boundary.position
            ANTI JOIN removed ON events._partition = removed.partition AND events._offset = removed.position
            """,
            cancellationToken).ConfigureAwait(false);
    }

    private static string Nothing(AuditSubject subject) =>
        $"(SELECT 0 AS _partition, 0::BIGINT AS _offset{string.Concat(subject.Stream.Definition.Schema.Members.Select(member =>
            $", NULL::{SqlType(member)} AS {ParquetFiles.Name(member.JsonName)}"))} WHERE false)";

    private static string SqlType(EventMember member) => member.Kind switch
    {
        MemberKind.Object =>
            $"STRUCT({string.Join(", ", member.Children.Select(child => $"{ParquetFiles.Name(child.JsonName)} {SqlType(child)}"))})",
        MemberKind.List => $"{SqlType(member.Element)}[]",
        _ => member.Type == ColumnType.String ? "VARCHAR" : "DOUBLE",
    };

    private static void Append(DuckDBConnection duck, string table, IEnumerable<LogPosition> positions)
    {
        using DuckDBAppender appender = duck.CreateAppender(table);
        foreach (LogPosition position in positions)
        {
            appender.CreateRow().AppendValue(position.Partition).AppendValue(position.Offset).EndRow();
        }
    }

    private static async Task<double[]> MeasureAsync(DuckDBConnection duck, IReadOnlyList<string> figures, CancellationToken cancellationToken)
    {
        await using DbCommand command = duck.CreateCommand();
        command.CommandText = $"SELECT {string.Join(", ", figures.Select(figure => $"CAST({figure} AS DOUBLE)"))} FROM counted";
        await using DbDataReader reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        return [.. Enumerable.Range(0, figures.Count).Select(reader.GetDouble)];
    }

    private static async Task<CheckResult> JudgeAsync(
        DuckDBConnection duck, DataCheck check, DataCheckSql sql, double figure, CancellationToken cancellationToken)
    {
        bool passed = sql.IsMet(figure);
        IReadOnlyList<string> samples = passed || sql.FailingRows is null
            ? []
            : await SampleAsync(duck, sql.FailingRows, cancellationToken).ConfigureAwait(false);
        string message = string.Create(
            CultureInfo.InvariantCulture, $"The {sql.Measured} is {figure}{(passed ? "" : $", but {sql.Expected} was expected")}.");
        return new CheckResult(
            sql.Name, check.Severity, passed ? CheckVerdict.Passed : CheckVerdict.Failed, figure, message, samples);
    }

    private static async Task<IReadOnlyList<string>> SampleAsync(DuckDBConnection duck, string condition, CancellationToken cancellationToken)
    {
        await using DbCommand command = duck.CreateCommand();
        command.CommandText =
            $"SELECT to_json(failing)::VARCHAR FROM (SELECT * FROM counted WHERE {condition} ORDER BY _partition, _offset LIMIT {Samples}) AS failing";
        await using DbDataReader reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        List<string> rows = [];
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    }

    private static async Task ExecuteAsync(DuckDBConnection duck, string sql, CancellationToken cancellationToken)
    {
        await using DbCommand command = duck.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
