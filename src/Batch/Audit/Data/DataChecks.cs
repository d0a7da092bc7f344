using DuckDB.NET.Data;
using Lambda.Quality;
using Lambda.Store;

namespace Lambda.Batch.Audit.Data;

/// <summary>
/// Runs a stream's checks of the data as a whole: by DuckDB over the files the generation was computed from, without the rows that were removed.
/// One scan gives the figures of all checks that are aggregates; only those that fail cost another, for samples of failing rows.
/// </summary>
/// <param name="planner">Makes the checks ready.</param>
/// <param name="engines">What answers.</param>
/// <param name="options">How many threads may read, and how many dates at once.</param>
internal sealed class DataChecks(CheckPlanner planner, AuditEngines engines, BatchOptions options) : IAuditCheck
{
    public async Task<IReadOnlyList<CheckResult>> RunAsync(AuditSubject subject, CancellationToken cancellationToken)
    {
        IReadOnlyList<DataCheck> checks = subject.Stream.Definition.DataChecks;
        if (checks.Count == 0)
        {
            return [];
        }

        EventRelation relation = await EventRelation.OpenAsync(engines, subject, cancellationToken).ConfigureAwait(false);
        await using (relation.ConfigureAwait(false))
        {
            List<PlannedCheck> planned = [];
            foreach (DataCheck check in checks)
            {
                planned.Add(await planner.PlanAsync(check, planned.Count, subject, relation, cancellationToken).ConfigureAwait(false));
            }

            CheckFigures figures = new(relation, subject.Known, subject.Stream.Definition.EventTime, new IdProof(subject, options.Workers), options.AuditedDates);
            List<CheckResult> results = [];
            foreach (Measurement measurement in await figures.MeasureAsync(planned, cancellationToken).ConfigureAwait(false))
            {
                results.Add(await JudgeAsync(relation, figures, measurement, cancellationToken).ConfigureAwait(false));
            }

            return results;
        }
    }

    private static async Task<CheckResult> JudgeAsync(
        EventRelation relation, CheckFigures figures, Measurement measurement, CancellationToken cancellationToken)
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

            return await ReportAsync(relation, check, finding!, cancellationToken).ConfigureAwait(false) with { Figures = figures.Keep(measurement, finding!) };
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
}
