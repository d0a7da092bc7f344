using Lambda.Time;
using Lambda.Views;
using Lambda.Views.Partials;

namespace Lambda.Store.Relational;

/// <summary>A correction as its row holds it.</summary>
internal sealed class CorrectionRow
{
    /// <summary>The columns of the row, named as the members are.</summary>
    public const string Columns =
        "generation, published_at AS PublishedAt, group_key AS GroupKey, window_start AS WindowStart, window_end AS WindowEnd, "
        + "before_result AS BeforeResult, after_result AS AfterResult, late, duplicates, quarantined, unexplained, "
        + "first_partition AS FirstPartition, first_offset AS FirstOffset";

    public long Generation { get; init; }

    public long PublishedAt { get; init; }

    public string GroupKey { get; init; } = "";

    public long WindowStart { get; init; }

    public long WindowEnd { get; init; }

    public string? BeforeResult { get; init; }

    public string? AfterResult { get; init; }

    public long Late { get; init; }

    public long Duplicates { get; init; }

    public long Quarantined { get; init; }

    public long Unexplained { get; init; }

    public int? FirstPartition { get; init; }

    public long? FirstOffset { get; init; }

    public PublishedCorrection ToCorrection(PartialLayout view) => new(
        Generation,
        UtcMicroseconds.ToDateTimeOffset(PublishedAt),
        new Correction(
            view.View,
            view.Version,
            GroupKey,
            WindowStart,
            WindowEnd,
            BeforeResult,
            AfterResult,
            new CorrectionReasons(Late, Duplicates, Quarantined, Unexplained),
            FirstPartition is { } partition && FirstOffset is { } offset ? new EventPosition(partition, offset) : null));
}
