using System.Globalization;
using Lambda.Batch.Recompute;
using Lambda.Log;
using Lambda.Quality;
using Lambda.Store;

namespace Lambda.Batch.Audit;

/// <summary>Every offset below the boundary is in the history or in its quarantine, and none twice.</summary>
internal sealed class ContinuityCheck : IAuditCheck
{
    private const string Name = "continuity of offsets";
    private const int Samples = 10;

    public Task<IReadOnlyList<CheckResult>> RunAsync(AuditSubject subject, CancellationToken cancellationToken)
    {
        OffsetCoverage coverage = subject.Computation.Coverage;
        long missing = 0;
        List<string> samples = [];
        for (int partition = 0; partition < subject.Boundary.Partitions; partition++)
        {
            foreach (OffsetRange range in coverage.Missing(partition))
            {
                missing += range.End - range.Start;
                if (samples.Count < Samples)
                {
                    samples.Add(string.Create(
                        CultureInfo.InvariantCulture,
                        $$"""{"problem":"missing","partition":{{partition}},"firstOffset":{{range.Start}},"lastOffset":{{range.End - 1}}}"""));
                }
            }
        }

        samples.AddRange(coverage.Repeats.Take(Samples - Math.Min(samples.Count, Samples / 2)).Select(position => string.Create(
            CultureInfo.InvariantCulture, $$"""{"problem":"twice","partition":{{position.Partition}},"offset":{{position.Offset}}}""")));
        bool passed = missing == 0 && coverage.RepeatCount == 0;
        string message = passed
            ? $"Every offset below {subject.Boundary} is in the history or its quarantine, and none twice."
            : $"Below {subject.Boundary}, {missing} offsets are in neither history nor quarantine and {coverage.RepeatCount} stand there again. The "
                + "history has lost or doubled records; restore it from a copy, or rebuild it from the log.";
        return Task.FromResult<IReadOnlyList<CheckResult>>(
        [
            new CheckResult(
                Name, CheckSeverity.Block, passed ? CheckVerdict.Passed : CheckVerdict.Failed, missing + coverage.RepeatCount, message, samples),
        ]);
    }
}
