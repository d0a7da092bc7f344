using System.Globalization;
using Lambda.Batch.Recompute;
using Lambda.Log;
using Lambda.Quality;
using Lambda.Store;

namespace Lambda.Batch.Audit;

/// <summary>
/// Every offset from the history's start to the boundary is in the history, in its quarantine or in a void, or is one that a person has accepted to go
/// without; and none is there twice.
/// </summary>
internal sealed class ContinuityCheck : IAuditCheck
{
    private const string Name = "continuity of offsets";
    private const string GapName = "accepted gaps";
    private const int Samples = 10;

    public Task<IReadOnlyList<CheckResult>> RunAsync(AuditSubject subject, CancellationToken cancellationToken)
    {
        Findings lost = new("missing");
        Findings accepted = new("accepted gap");
        foreach ((int partition, OffsetRange range) in CarryOver.Missing(subject.Carried, subject.Computation))
        {
            long next = range.Start;
            foreach (OffsetRange part in subject.Gaps.Within(partition, range))
            {
                lost.Add(partition, new OffsetRange(next, part.Start));
                accepted.Add(partition, part);
                next = part.End;
            }

            lost.Add(partition, new OffsetRange(next, range.End));
        }

        return Task.FromResult<IReadOnlyList<CheckResult>>(
            accepted.Count == 0 ? [Continuity(subject, lost)] : [Continuity(subject, lost), Gaps(accepted)]);
    }

    private static CheckResult Continuity(AuditSubject subject, Findings lost)
    {
        OffsetCoverage coverage = subject.Computation.Coverage;
        IReadOnlyList<string> samples =
        [
            .. lost.Samples,
            .. coverage.Repeats.Take(Samples - Math.Min(lost.Samples.Count, Samples / 2)).Select(position => string.Create(
                CultureInfo.InvariantCulture, $$"""{"problem":"twice","partition":{{position.Partition}},"offset":{{position.Offset}}}""")),
        ];
        bool passed = lost.Count == 0 && coverage.RepeatCount == 0;
        string message = passed
            ? $"Every offset from {subject.From} to below {subject.Boundary} is accounted for: in the history, its quarantine, its voids or an "
                + $"accepted gap; and none is there twice.{subject.BeforeText}"
            : $"From {subject.From} to below {subject.Boundary}, {lost.Count} offsets are in neither history, quarantine nor voids and "
                + $"{coverage.RepeatCount} stand there again. The history has lost or doubled records; restore it from a copy, or rebuild it from the log.";
        return new CheckResult(
            Name, CheckSeverity.Block, passed ? CheckVerdict.Passed : CheckVerdict.Failed, lost.Count + coverage.RepeatCount, message, samples);
    }

    /// <summary>What a person has accepted does not block, but is told with every generation.</summary>
    private static CheckResult Gaps(Findings accepted) => new(
        GapName,
        CheckSeverity.Warn,
        CheckVerdict.Failed,
        accepted.Count,
        $"{accepted.Count} offsets were lost by the log before they were archived, and were accepted as gaps: {accepted.Text}. Their events count in no window.",
        accepted.Samples);

    /// <summary>Offsets of one kind: their number, and the first ranges.</summary>
    private sealed class Findings(string problem)
    {
        private readonly List<string> _texts = [];
        private int _ranges;

        public long Count { get; private set; }

        public List<string> Samples { get; } = [];

        public string Text => string.Join(", ", _texts) + (_ranges > _texts.Count ? $" and {_ranges - _texts.Count} more ranges" : "");

        public void Add(int partition, OffsetRange range)
        {
            if (range.IsEmpty)
            {
                return;
            }

            _ranges++;
            Count += range.End - range.Start;
            if (Samples.Count < ContinuityCheck.Samples)
            {
                _texts.Add($"{range} of partition {partition}");
                Samples.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $$"""{"problem":"{{problem}}","partition":{{partition}},"firstOffset":{{range.Start}},"lastOffset":{{range.End - 1}}}"""));
            }
        }
    }
}
