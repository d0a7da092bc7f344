using Lambda.Events;

namespace Lambda.Store;

/// <summary>Some quarantined records.</summary>
/// <param name="Total">How many the filter finds.</param>
/// <param name="Records">The first of them.</param>
internal sealed record QuarantinePage(long Total, IReadOnlyList<QuarantinedRecord> Records);

/// <summary>Which quarantined records are wanted.</summary>
/// <param name="Reasons">Those with one of these reasons; all when it is empty.</param>
internal sealed record RejectReasonFilter(IReadOnlyCollection<RejectReason> Reasons)
{
    /// <summary>All of them.</summary>
    public static readonly RejectReasonFilter Any = new([]);
}
