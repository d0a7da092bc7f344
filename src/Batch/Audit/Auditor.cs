using Lambda.Quality;
using Lambda.Store;

namespace Lambda.Batch.Audit;

/// <summary>Runs all checks of a generation and decides whether it may go live.</summary>
internal sealed class Auditor(IReadOnlyList<IAuditCheck> checks, TimeProvider time)
{
    /// <summary>The report; blocked when a check failed that blocks. Ends when everything that it has begun has ended, and what the subject tells later is known.</summary>
    public async Task<AuditReport> AuditAsync(AuditSubject subject, CancellationToken cancellationToken)
    {
        using CancellationTokenSource failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        IReadOnlyList<CheckResult>[] found;
        try
        {
            found = await Task.WhenAll(checks.Select(check => Task.Run(() => RunAsync(check), CancellationToken.None))).ConfigureAwait(false);
        }
        finally
        {
            await ((Task)subject.Changes).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        IReadOnlyList<CheckResult> results = [.. found.SelectMany(check => check)];
        return new AuditReport(subject.Stream.Name, subject.Generation, time.GetUtcNow(), Decide(results), results);

        async Task<IReadOnlyList<CheckResult>> RunAsync(IAuditCheck check)
        {
            try
            {
                return await check.RunAsync(subject, failed.Token).ConfigureAwait(false);
            }
            catch
            {
                // The others need not go on for nothing.
                await failed.CancelAsync().ConfigureAwait(false);
                throw;
            }
        }
    }

    private static AuditOutcome Decide(IReadOnlyList<CheckResult> results)
    {
        IReadOnlyList<CheckResult> failed = [.. results.Where(result => result.Verdict == CheckVerdict.Failed)];
        return failed.Any(result => result.Severity == CheckSeverity.Block) ? AuditOutcome.Blocked
            : failed.Count > 0 ? AuditOutcome.Warned
            : AuditOutcome.Passed;
    }
}
