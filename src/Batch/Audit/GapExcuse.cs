using Lambda.Batch.Recompute;
using Lambda.Log;
using Lambda.Store;

namespace Lambda.Batch.Audit;

/// <summary>
/// Why the layers, or two generations, may rightly differ around an accepted gap: one of them may have read offsets of it before they were lost, and nothing tells
/// which windows their events fell into.
/// </summary>
internal static class GapExcuse
{
    /// <summary>The excuse, as a sentence to append; null when no gap lies between <paramref name="from"/> and the boundary.</summary>
    public static string? Of(AuditSubject subject, Boundary from) => Text(subject.Gaps.Between(from, subject.Boundary));

    /// <summary>
    /// The excuse for what changes in windows that are served; null when there is no gap behind the boundary of what serves, nor one below it that what serves is not known to have gone
    /// without: a history that was made anew, or restored from an older copy, may lack what the log has forgotten.
    /// </summary>
    /// <param name="subject">What is audited.</param>
    /// <param name="served">The boundary of what serves.</param>
    public static string? OfChanges(AuditSubject subject, Boundary served) =>
        Text(subject.Gaps.Between(served, subject.Boundary).Concat(subject.Carried is null ? NewlyMissing(subject, served) : []));

    private static IEnumerable<(int Partition, OffsetRange Offsets)> NewlyMissing(AuditSubject subject, Boundary served) =>
        from missing in CarryOver.Missing(null, subject.Computation)
        from part in subject.Gaps.Within(
            missing.Partition, new OffsetRange(missing.Offsets.Start, Math.Min(missing.Offsets.End, served[missing.Partition])))
        from lost in Without(part, (subject.Speed.Basis?.Missing ?? []).Where(known => known.Partition == missing.Partition).Select(known => known.Offsets))
        select (missing.Partition, lost);

    /// <summary>What is left of a range without others.</summary>
    private static IEnumerable<OffsetRange> Without(OffsetRange range, IEnumerable<OffsetRange> others)
    {
        long next = range.Start;
        foreach (OffsetRange other in others.Where(other => other.End > range.Start && other.Start < range.End).OrderBy(other => other.Start))
        {
            if (other.Start > next)
            {
                yield return new OffsetRange(next, other.Start);
            }

            next = Math.Max(next, other.End);
        }

        if (next < range.End)
        {
            yield return new OffsetRange(next, range.End);
        }
    }

    private static string? Text(IEnumerable<(int Partition, OffsetRange Offsets)> gaps)
    {
        string text = string.Join(", ", gaps.Select(gap => $"{gap.Offsets} of partition {gap.Partition}"));
        return text.Length == 0
            ? null
            : $" The stream goes on without offsets {text}, which one of the layers may have read before the log lost them. That may be the reason, so this "
                + "does not block.";
    }
}
