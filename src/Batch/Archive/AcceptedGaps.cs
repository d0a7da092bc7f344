using Lambda.Log;
using Lambda.Store;

namespace Lambda.Batch.Archive;

/// <summary>The offsets that a stream goes on without, as a person has said. Ranges that overlap or touch are one.</summary>
internal sealed class AcceptedGaps
{
    private readonly Dictionary<int, List<OffsetRange>> _byPartition = [];

    public AcceptedGaps(IEnumerable<LogGap> gaps)
    {
        foreach (LogGap gap in gaps.OrderBy(gap => gap.Offsets.Start))
        {
            if (!_byPartition.TryGetValue(gap.Partition, out List<OffsetRange>? ranges))
            {
                _byPartition[gap.Partition] = ranges = [];
            }

            if (ranges.Count > 0 && ranges[^1].End >= gap.Offsets.Start)
            {
                ranges[^1] = new OffsetRange(ranges[^1].Start, Math.Max(ranges[^1].End, gap.Offsets.End));
            }
            else
            {
                ranges.Add(gap.Offsets);
            }
        }
    }

    /// <summary>No gap at all.</summary>
    public static AcceptedGaps None { get; } = new([]);

    /// <summary>Reads those of a stream.</summary>
    public static async Task<AcceptedGaps> ReadAsync(IGapStore store, string stream, CancellationToken cancellationToken) =>
        new(await store.ReadGapsAsync(stream, cancellationToken).ConfigureAwait(false));

    /// <summary>Whether all offsets of a range have been accepted.</summary>
    public bool Cover(int partition, OffsetRange range) => Of(partition).Any(gap => gap.Start <= range.Start && range.End <= gap.End);

    /// <summary>The parts of a range that have been accepted, in rising order.</summary>
    public IEnumerable<OffsetRange> Within(int partition, OffsetRange range) => Of(partition)
        .Select(gap => new OffsetRange(Math.Max(gap.Start, range.Start), Math.Min(gap.End, range.End)))
        .Where(part => !part.IsEmpty);

    /// <summary>The parts between two boundaries that have been accepted, by partition.</summary>
    public IEnumerable<(int Partition, OffsetRange Offsets)> Between(Boundary from, Boundary to) => Enumerable.Range(0, to.Partitions)
        .SelectMany(partition => Within(partition, new OffsetRange(from[partition], to[partition])), (partition, part) => (partition, part));

    private List<OffsetRange> Of(int partition) => _byPartition.GetValueOrDefault(partition) ?? [];
}
