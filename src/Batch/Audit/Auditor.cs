using Lambda.Quality;
using Lambda.Store;

namespace Lambda.Batch.Audit;

/// <summary>Runs all checks of a generation and decides whether it may go live.</summary>
internal sealed class Auditor(IReadOnlyList<IAuditCheck> checks, TimeProvider time)
{
    /// <summary>The report; blocked when a check failed that blocks.</summary>
    public async Task<AuditReport> AuditAsync(AuditSubject subject, CancellationToken cancellationToken)
    {
        List<CheckResult> results = [];
        foreach (IAuditCheck check in checks)
        {
            results.AddRange(await check.RunAsync(subject, cancellationToken).ConfigureAwait(false));
        }

        return new AuditReport(subject.Stream.Name, subject.Generation, time.GetUtcNow(), Decide(results), results);
    }

    private static AuditOutcome Decide(IReadOnlyList<CheckResult> results)
    {
        IReadOnlyList<CheckResult> failed = [.. results.Where(result => result.Verdict == CheckVerdict.Failed)];
        return failed.Any(result => result.Severity == CheckSeverity.Block) ? AuditOutcome.Blocked
            : failed.Count > 0 ? AuditOutcome.Warned
            : AuditOutcome.Passed;
    }
}
