using Lambda.Events;

namespace Lambda.Store;

/// <summary>Some quarantined records.</summary>
/// <param name="Total">How many the filter finds.</param>
/// <param name="Records">The first of them.</param>
internal sealed record QuarantinePage(long Total, IReadOnlyList<QuarantinedRecord> Records);

/// <summary>Which quarantined records are wanted.</summary>
/// <param name="Reasons">Those with one of these reasons; all when it is empty.</param>
internal sealed record QuarantineFilter(IReadOnlyCollection<RejectReason> Reasons)
{
    /// <summary>All of them.</summary>
    public static readonly QuarantineFilter Any = new([]);

    /// <summary>Where they stand; anywhere when it is null.</summary>
    public QuarantineStretch? Within { get; init; }

    /// <summary>How many bytes are read of each key and of each value at most; all of them when it is null.</summary>
    public int? MaxBytes { get; init; }
}

/// <summary>The records of a partition from its beginning on.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Below">The first offset that is not among them.</param>
internal sealed record QuarantineStretch(int Partition, long Below);
