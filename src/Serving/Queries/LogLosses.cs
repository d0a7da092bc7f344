using Lambda.Log;
using Lambda.Serving.Answers;
using Lambda.Store;

namespace Lambda.Serving.Queries;

/// <summary>What a stream's log has lost, so far as the speed layer is concerned.</summary>
internal static class LogLosses
{
    /// <summary>The offsets that were lost before they were computed, and that nobody has accepted to go without.</summary>
    public static IReadOnlyList<LostAnswer> Lost(IReadOnlyList<PartitionAnswer> partitions, IReadOnlyList<LogGap> gaps) =>
    [
        .. partitions
            .Select(partition => (
                partition.Partition, Offsets: LogGaps.Lost(gaps, partition.Partition, partition.NextOffset, partition.LogStart ?? partition.NextOffset)))
            .Where(lost => !lost.Offsets.IsEmpty)
            .Select(lost => new LostAnswer(lost.Partition, lost.Offsets.Start, lost.Offsets.End)),
    ];

    /// <summary>What a person has to see to.</summary>
    public static IReadOnlyList<string> Problems(string stream, StreamState state, IReadOnlyList<LostAnswer> lost) =>
    [
        .. lost.Select(range =>
            $"Partition {range.Partition} stands still: the log has lost the offsets [{range.Start}, {range.End}) before they were computed. To go on without "
            + $"them: {GapCommand.For(stream, range.Partition, new OffsetRange(range.Start, range.End))}"),
        .. Replacements(state),
    ];

    /// <summary>What shows that the log is not the one that was computed; what it takes is in no answer then.</summary>
    private static IReadOnlyList<string> Replacements(StreamState state) =>
    [
        .. state.Replaced is { } replaced ? (string[])[replaced] : [],
        .. state.Partitions.Where(partition => partition.LogEnd < partition.NextOffset).Select(partition =>
            $"Partition {partition.Partition} stands still: its log ends at offset {partition.LogEnd}, and it has been computed up to {partition.NextOffset}. The "
            + "log was deleted and made anew, or restored from an older copy."),
    ];
}
