using Lambda.Store;

namespace Lambda.Batch.Audit;

/// <summary>
/// Why the layers may rightly differ around an accepted gap: one of them may have read offsets of it before the log lost them, and nothing tells which
/// windows their events fell into.
/// </summary>
internal static class GapExcuse
{
    /// <summary>The excuse, as a sentence to append; null when no gap lies between <paramref name="from"/> and the boundary.</summary>
    public static string? Of(AuditSubject subject, Boundary from)
    {
        string gaps = string.Join(
            ", ", subject.Gaps.Between(from, subject.Boundary).Select(gap => $"{gap.Offsets} of partition {gap.Partition}"));
        return gaps.Length == 0
            ? null
            : $" The stream goes on without offsets {gaps}, which one of the layers may have read before the log lost them. That may be the reason, so this "
                + "does not block.";
    }
}
