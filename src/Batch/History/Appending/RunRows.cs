using Lambda.Batch.History.Files;
using Lambda.Log;

namespace Lambda.Batch.History.Appending;

/// <summary>The rows of a run, for a table to append.</summary>
internal interface IRunRows
{
    /// <summary>The rows of some partitions, by time.</summary>
    RowKey[] Select(IReadOnlySet<int> partitions);

    /// <summary>Where a row stands in the event log.</summary>
    LogPosition PositionOf(RowAddress row);

    /// <summary>The columns of files.</summary>
    IReadOnlyList<TableField> Fields { get; }

    /// <summary>Encoders for the columns of values, in their order.</summary>
    IReadOnlyList<ColumnEncoder> CreateEncoders();
}

/// <summary>What a run is made of.</summary>
internal static class RunRows
{
    /// <summary>Refuses a row that the run does not claim to cover.</summary>
    public static void EnsureCovered(IReadOnlyDictionary<int, OffsetRange> ranges, int partition, long offset)
    {
        if (!ranges.TryGetValue(partition, out OffsetRange range) || offset < range.Start || offset >= range.End)
        {
            throw new ArgumentException($"The row at offset {offset} of partition {partition} lies outside of the run's ranges.", nameof(ranges));
        }
    }
}
