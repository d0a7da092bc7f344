using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using Lambda.Batch.History.Files;
using Lambda.Log;

namespace Lambda.Batch.History;

/// <summary>
/// By partition of the event log, between which offsets the rows of a data file lie. The bounds that a Delta log holds of each column for itself tell little of a file that has
/// rows of several partitions, as one partition may be far ahead of another; so the file is tagged with these.
/// </summary>
internal sealed class FileOffsets
{
    /// <summary>The tag of a data file that holds them.</summary>
    public const string Tag = "lambda.offsets";

    /// <summary>A tag takes some 20 bytes for each, in the log and in every checkpoint; a file with more goes without, and is told by the bounds of its columns.</summary>
    private const int MostPartitions = 100;

    /// <summary>The partitions that have rows, ascending; arrays, as there are as many of these as a history has files.</summary>
    private readonly int[] _partitions;

    /// <summary>Of each of them the first offset and the one behind the last.</summary>
    private readonly OffsetRange[] _offsets;

    /// <param name="partitions">By partition that has rows, the first offset and the one behind the last.</param>
    private FileOffsets(SortedDictionary<int, OffsetRange> partitions)
    {
        _partitions = [.. partitions.Keys];
        _offsets = [.. partitions.Values];
    }

    /// <summary>Whether they are few enough for a tag.</summary>
    public bool FitTag => _partitions.Length <= MostPartitions;

    /// <summary>Those of rows.</summary>
    /// <param name="rows">The rows of a file.</param>
    /// <param name="positionOf">Where a row stands in the event log.</param>
    public static FileOffsets Of(ReadOnlySpan<RowKey> rows, Func<RowAddress, LogPosition> positionOf)
    {
        Builder offsets = new();
        foreach (RowKey row in rows)
        {
            offsets.Add(positionOf(row.Address));
        }

        return offsets.Build();
    }

    /// <summary>Reads them as <see cref="ToString"/> writes them.</summary>
    /// <returns>False when the text is none of those.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out FileOffsets? offsets)
    {
        offsets = null;
        SortedDictionary<int, OffsetRange> partitions = [];
        foreach (string part in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part.Split(':', '-') is not [var number, var start, var end] || !TryRead(number, out int partition) || !TryRead(start, out long first)
                || !TryRead(end, out long behind) || !partitions.TryAdd(partition, new OffsetRange(first, behind)))
            {
                return false;
            }
        }

        offsets = new FileOffsets(partitions);
        return true;
    }

    /// <summary>The first offset of a partition and the one behind the last; null when the file has no rows of it.</summary>
    public OffsetRange? In(int partition) => Array.BinarySearch(_partitions, partition) is var place and >= 0 ? _offsets[place] : null;

    /// <summary>Whether all lie at or above some offsets and below others, both by partition, and in no other partition.</summary>
    public bool LieWithin(ReadOnlySpan<long> starts, ReadOnlySpan<long> ends)
    {
        for (int place = 0; place < _partitions.Length; place++)
        {
            (int partition, OffsetRange offsets) = (_partitions[place], _offsets[place]);
            if (partition >= ends.Length || offsets.Start < starts[partition] || offsets.End > ends[partition])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary><c>0:100-250 3:7-8</c>: partition, first offset, and the one behind the last.</summary>
    public override string ToString() => string.Join(
        ' ', _partitions.Zip(_offsets, (partition, offsets) => string.Create(CultureInfo.InvariantCulture, $"{partition}:{offsets.Start}-{offsets.End}")));

    private static bool TryRead<T>(string text, [MaybeNullWhen(false)] out T number)
        where T : INumberBase<T> => T.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    /// <summary>Finds them row by row.</summary>
    public sealed class Builder
    {
        private readonly SortedDictionary<int, OffsetRange> _partitions = [];

        /// <summary>Takes in a row.</summary>
        /// <param name="position">Where it stands in the event log.</param>
        public void Add(LogPosition position) => _partitions[position.Partition] = _partitions.TryGetValue(position.Partition, out OffsetRange range)
            ? new OffsetRange(Math.Min(range.Start, position.Offset), Math.Max(range.End, position.Offset + 1))
            : new OffsetRange(position.Offset, position.Offset + 1);

        /// <summary>Those of the rows that were taken in.</summary>
        public FileOffsets Build() => new(_partitions);
    }
}
