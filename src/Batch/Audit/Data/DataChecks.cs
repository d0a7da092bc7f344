using DuckDB.NET.Data;
using Lambda.Quality;
using Lambda.Store;

namespace Lambda.Batch.Audit.Data;

/// <summary>
/// Runs a stream's checks of the data as a whole: by DuckDB over the files the generation was computed from, without the rows that were removed.
/// One scan gives the figures of all checks that are aggregates; only those that fail cost another, for samples of failing rows.
/// </summary>
internal sealed class DataChecks(CheckPlanner planner) : IAuditCheck
{
    public async Task<IReadOnlyList<CheckResult>> RunAsync(AuditSubject subject, CancellationToken cancellationToken)
    {
        IReadOnlyList<DataCheck> checks = subject.Stream.Definition.DataChecks;
        if (checks.Count == 0)
        {
            return [];
        }

        EventRelation relation = await EventRelation.OpenAsync(subject, cancellationToken).ConfigureAwait(false);
        await using (relation.ConfigureAwait(false))
        {
            List<PlannedCheck> planned = [];
            foreach (DataCheck check in checks)
            {
                planned.Add(await planner.PlanAsync(check, planned.Count, subject, relation, cancellationToken).ConfigureAwait(false));
            }

            IReadOnlyList<Measurement> measured = await MeasureAsync(relation, planned, cancellationToken).ConfigureAwait(false);
            List<CheckResult> results = [];
            foreach (Measurement measurement in measured)
            {
                results.Add(await JudgeAsync(relation, measurement, cancellationToken).ConfigureAwait(false));
            }

            return results;
        }
    }

    /// <summary>All figures in one scan; when that fails, each check in a scan of its own, so that one that is broken is told from the others.</summary>
    private static async Task<IReadOnlyList<Measurement>> MeasureAsync(
        EventRelation relation, IReadOnlyList<PlannedCheck> checks, CancellationToken cancellationToken)
    {
        if (checks.All(check => check.Aggregates.Count == 0))
        {
            return [.. checks.Select(check => new Measurement(check, default))];
        }

        try
        {
            object?[] figures = await MeasureAsync(relation, checks.SelectMany(check => check.Aggregates), cancellationToken).ConfigureAwait(false);
            List<Measurement> measured = [];
            int next = 0;
            foreach (PlannedCheck check in checks)
            {
                measured.Add(new Measurement(check, new Figures(figures.AsMemory(next, check.Aggregates.Count))));
                next += check.Aggregates.Count;
            }

            return measured;
        }
        catch (DuckDBException)
        {
            List<Measurement> measured = [];
            foreach (PlannedCheck check in checks)
            {
                measured.Add(await MeasureAloneAsync(relation, check, cancellationToken).ConfigureAwait(false));
            }

            return measured;
        }
    }

    private static async Task<Measurement> MeasureAloneAsync(EventRelation relation, PlannedCheck check, CancellationToken cancellationToken)
    {
        try
        {
            return new Measurement(
                check,
                check.Aggregates.Count == 0
                    ? default
                    : new Figures(await MeasureAsync(relation, check.Aggregates, cancellationToken).ConfigureAwait(false)));
        }
        catch (DuckDBException error)
        {
            return new Measurement(PlannedCheck.Broken(check.Check, error.Message), default);
        }
    }

    private static async Task<object?[]> MeasureAsync(EventRelation relation, IEnumerable<string> aggregates, CancellationToken cancellationToken)
    {
        IReadOnlyList<object?[]> rows = await relation.QueryAsync($"SELECT {string.Join(", ", aggregates)} FROM events", cancellationToken)
            .ConfigureAwait(false);
        return rows[0];
    }

    private static async Task<CheckResult> JudgeAsync(EventRelation relation, Measurement measurement, CancellationToken cancellationToken)
    {
        PlannedCheck check = measurement.Check;
        try
        {
            Finding? finding = check is { Aggregates.Count: 0, OwnQuery: not null } ? null : check.Judge(measurement.Figures);
            if (check.OwnQuery is { } own && finding?.Verdict is null or CheckVerdict.Failed)
            {
                IReadOnlyList<object?[]> rows = await relation.QueryAsync(own, cancellationToken).ConfigureAwait(false);
                finding = check.Judge(new Figures(rows[0]));
            }

            return await ReportAsync(relation, check, finding!, cancellationToken).ConfigureAwait(false);
        }
        catch (DuckDBException error)
        {
            PlannedCheck broken = PlannedCheck.Broken(check.Check, error.Message);
            return await ReportAsync(relation, broken, broken.Judge(default), cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<CheckResult> ReportAsync(EventRelation relation, PlannedCheck check, Finding finding, CancellationToken cancellationToken) => new(
        check.Check.Name,
        check.Check.Severity,
        finding.Verdict,
        finding.Observed,
        finding.Message,
        finding is { Verdict: CheckVerdict.Failed, Samples: { } query }
            ? await SampleRows.ReadAsync(relation, query, cancellationToken).ConfigureAwait(false)
            : [])
    {
        Expected = check.Expected,
        FailingRows = finding.FailingRows,
        Measured = finding.Measured,
    };

    private readonly record struct Measurement(PlannedCheck Check, Figures Figures);
}
