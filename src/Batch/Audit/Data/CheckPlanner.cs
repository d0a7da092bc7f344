using DuckDB.NET.Data;
using Lambda.Quality;
using Lambda.Store;

namespace Lambda.Batch.Audit.Data;

/// <summary>Makes the data checks of a stream ready for one audit.</summary>
internal sealed class CheckPlanner(PinStream pin, IMetricStore metrics, TimeProvider time)
{
    /// <summary>How many points of a history are read: of some weeks, when there is one every few minutes.</summary>
    private const int MaxPoints = 20_000;

    private readonly ReferenceTables _references = new(pin);

    /// <summary>Makes a check ready; one that cannot be is planned to fail.</summary>
    /// <param name="check">The check.</param>
    /// <param name="number">Its number among those of the audit.</param>
    /// <param name="subject">What is audited.</param>
    /// <param name="relation">The events.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<PlannedCheck> PlanAsync(
        DataCheck check, int number, AuditSubject subject, EventRelation relation, CancellationToken cancellationToken)
    {
        try
        {
            return check switch
            {
                RowCountCheck rows => RowPlans.Of(rows),
                CompletenessCheck complete => RowPlans.Of(complete),
                UniquenessCheck unique => RowPlans.Of(unique),
                RangeCheck range => RowPlans.Of(range),
                AllowedValuesCheck allowed => RowPlans.Of(allowed),
                PatternCheck pattern => RowPlans.Of(pattern),
                FreshnessCheck fresh => RowPlans.Of(fresh, time.GetUtcNow(), subject),
                SqlCheck sql => RowPlans.Of(sql),
                ReferenceCheck reference =>
                    RowPlans.Of(reference, await _references.LoadAsync(relation, reference, number, cancellationToken).ConfigureAwait(false)),
                AnomalyCheck anomaly => await PlanAsync(anomaly, subject, cancellationToken).ConfigureAwait(false),
                DriftCheck drift => await PlanAsync(drift, subject, relation, cancellationToken).ConfigureAwait(false),
                _ => throw new InvalidOperationException($"Data check {check} is not known to the audit."),
            };
        }
        catch (Exception error) when (error is CheckException or DuckDBException)
        {
            return PlannedCheck.Broken(check, error.Message);
        }
    }

    private async Task<PlannedCheck> PlanAsync(AnomalyCheck check, AuditSubject subject, CancellationToken cancellationToken) =>
        NewRows.Of(subject) is { } rows
            ? AnomalyPlan.Of(
                check,
                rows,
                await metrics.ReadMetricAsync(subject.Stream.Name, check.Metric.Name, MaxPoints, cancellationToken).ConfigureAwait(false),
                time.GetUtcNow())
            : PlannedCheck.Settled(check, "events to measure", new Finding(CheckVerdict.NotApplicable, null, NewRows.Absence(subject)));

    private async Task<PlannedCheck> PlanAsync(DriftCheck check, AuditSubject subject, EventRelation relation, CancellationToken cancellationToken)
    {
        IReadOnlyList<MetricPoint> last = await metrics.ReadMetricAsync(subject.Stream.Name, check.Metric, 1, cancellationToken).ConfigureAwait(false);
        if (last is [{ Distribution: { } bins }] && bins.Counts.Sum() > 0 && (bins.Edges is not null) == ColumnSql.IsNumber(check.Member))
        {
            return DriftPlan.Of(check, bins, NewRows.Of(subject), NewRows.Absence(subject));
        }

        IReadOnlyList<object?[]> rows = await relation.QueryAsync(DriftPlan.FirstBins(check), cancellationToken).ConfigureAwait(false);
        return DriftPlan.Of(
            check, DriftPlan.Empty(check, rows[0][0]), rows: null, "The distribution is measured for the first time: nothing to compare it with.");
    }
}
