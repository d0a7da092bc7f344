using Lambda.Batch.Archive;
using Lambda.Batch.History.Appending;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Merge;
using Lambda.Batch.History.Storage;
using Lambda.Batch.Recompute;
using Lambda.Log;
using Lambda.Store;
using Lambda.Views;

namespace Lambda.Batch.History.Maintenance;

/// <summary>
/// Reads every file of a stream's tables and holds it against the log, and all rows together against the offsets that the history says to contain.
/// </summary>
/// <param name="storage">Where the tables lie.</param>
/// <param name="stream">The stream.</param>
/// <param name="partitions">How many partitions it has.</param>
/// <param name="gaps">Offsets that a person has accepted to go without.</param>
/// <param name="time">For the logs.</param>
internal sealed class HistoryVerifier(IObjectStorage storage, StreamDefinition stream, int partitions, AcceptedGaps gaps, TimeProvider time)
{
    private const int ShownRanges = 3;

    private readonly List<VerifyProblem> _problems = [];

    /// <summary>Offsets that hold no record.</summary>
    private readonly List<(int Partition, OffsetRange Offsets)> _voids = [];

    /// <summary>Offsets of records that were deleted; those of one may be among them more than once.</summary>
    private readonly List<(int Partition, OffsetRange Offsets)> _deleted = [];
    private int _files;
    private long _rows;

    /// <summary>Verifies the events as they were at a point, with the quarantine, the voids and the deletions that there are now.</summary>
    /// <exception cref="HistoryException">A log is damaged, or there is no such version.</exception>
    public async Task<VerifyResult> RunAsync(HistoryPoint point, CancellationToken cancellationToken)
    {
        TableShape[] shapes = [.. TableShape.Of(stream)];
        DeltaSnapshot table = await new DeltaLog(storage, shapes[0].Folder, time).ReadAsync(point, cancellationToken).ConfigureAwait(false);
        HistorySnapshot events = new(table, stream.Name, new KnownFiles(stream.EventTime.JsonName));
        Boundary end = events.EndOffsets(partitions);
        OffsetCoverage coverage = new(events.Starts(partitions), end);
        await VerifyAsync(shapes[0], table, (name, rows) => Mark(shapes[0], name, rows, coverage, end), cancellationToken).ConfigureAwait(false);
        foreach (TableShape shape in shapes[1..])
        {
            if (await new DeltaLog(storage, shape.Folder, time).FindLatestAsync(cancellationToken).ConfigureAwait(false) is { } current)
            {
                Action<string, RowTimes> take = shape.Rows == RowMeaning.Record ? (_, rows) => MarkRefused(rows, coverage, end) : (_, _) => { };
                await VerifyAsync(shape, current, take, cancellationToken).ConfigureAwait(false);
            }
        }

        if (point == HistoryPoint.Now)
        {
            // Older versions have what was deleted since.
            AddDeleted(coverage);
        }

        foreach ((int partition, OffsetRange offsets) in _voids.Concat(_deleted).Where(found => found.Partition < partitions && found.Offsets.Start < end[found.Partition]))
        {
            coverage.MarkVoid(partition, offsets with { End = Math.Min(offsets.End, end[partition]) });
        }

        AddLostAndDoubled(coverage);
        return new VerifyResult(stream.Name, table.Version, _files, _rows, _problems);
    }

    private async Task VerifyAsync(
        TableShape shape, DeltaSnapshot table, Action<string, RowTimes> take, CancellationToken cancellationToken)
    {
        TableLeaves leaves = shape.LeavesOf(table);
        FileVerifier verifier = new(storage, shape, leaves);
        List<(int Partition, OffsetRange Offsets)> ranges = shape.Folder == HistoryLayout.DeletionsOf(stream.Name) ? _deleted : _voids;
        Leaf? end = leaves.All.FirstOrDefault(leaf => leaf.Field.Name == OffsetRangeRows.EndOffset.Name && shape.Rows == RowMeaning.OffsetRange);
        foreach (HistoryFile file in shape.FilesOf(table))
        {
            cancellationToken.ThrowIfCancellationRequested();
            string name = storage.Describe($"{shape.Folder}/{file.Action.Path}");
            IReadOnlyList<string> problems = await verifier.FindProblemsAsync(
                file,
                (input, rows) =>
                {
                    _rows += rows.Count;
                    take(name, rows);
                    if (end is not null)
                    {
                        long[] ends = RowTimes.ReadColumn<long>(input, end);
                        ranges.AddRange(ends.Select((offset, row) => (rows.Partitions[row], new OffsetRange(rows.Offsets[row], offset))));
                    }
                },
                cancellationToken).ConfigureAwait(false);
            _files++;
            _problems.AddRange(problems.Select(problem => new VerifyProblem(shape.Name, name, problem)));
        }
    }

    private void Mark(TableShape shape, string name, RowTimes rows, OffsetCoverage coverage, Boundary end)
    {
        for (int row = 0; row < rows.Count; row++)
        {
            (int partition, long offset) = (rows.Partitions[row], rows.Offsets[row]);
            if (partition >= partitions || offset >= end[partition])
            {
                _problems.Add(new VerifyProblem(
                    shape.Name, name, $"it has offset {offset} of partition {partition}, behind the end that the log tells: another program has written it"));
                return;
            }

            coverage.Mark(partition, offset);
        }
    }

    private void MarkRefused(RowTimes rows, OffsetCoverage coverage, Boundary end)
    {
        for (int row = 0; row < rows.Count; row++)
        {
            if (rows.Partitions[row] < partitions && rows.Offsets[row] < end[rows.Partitions[row]])
            {
                coverage.Mark(rows.Partitions[row], rows.Offsets[row]);
            }
        }
    }

    /// <summary>Tells of records that are there although they were deleted; called when those that are there are marked, and nothing else is.</summary>
    private void AddDeleted(OffsetCoverage coverage)
    {
        List<(int Partition, OffsetRange Offsets)> there =
        [
            .. from range in _deleted
               where range.Partition < partitions
               group range.Offsets by range.Partition into partition
               orderby partition.Key
               from deleted in WithoutOverlaps(partition)
               from seen in coverage.Seen(partition.Key, deleted)
               select (partition.Key, seen),
        ];
        if (there.Count == 0)
        {
            return;
        }

        string some = there.Count > ShownRanges ? "the first of them " : "";
        string where = string.Join(
            " OR ", there.Take(ShownRanges).Select(range => $"(_partition = {range.Partition} AND _offset BETWEEN {range.Offsets.Start} AND {range.Offsets.End - 1})"));
        _problems.Add(new VerifyProblem(
            "events",
            null,
            $"records that were deleted are there, {there.Sum(range => range.Offsets.End - range.Offsets.Start)} of them: a deletion is under way or has ended early, or a version "
            + $"from before it was restored. Delete them again by the same condition, or {some}by where they stand: history delete --stream {stream.Name} --where \"{where}\". "
            + "What is served is then computed anew without them")
        {
            TellsRemedy = true,
        });
    }

    /// <summary>Ranges as fewer that have the same offsets, in rising order, with a gap between each two.</summary>
    private static IEnumerable<OffsetRange> WithoutOverlaps(IEnumerable<OffsetRange> ranges)
    {
        OffsetRange? open = null;
        foreach (OffsetRange range in ranges.OrderBy(range => range.Start))
        {
            if (open is { } before && range.Start > before.End)
            {
                yield return before;
                open = null;
            }

            open = new OffsetRange(open?.Start ?? range.Start, Math.Max(open?.End ?? range.End, range.End));
        }

        if (open is { } last)
        {
            yield return last;
        }
    }

    private void AddLostAndDoubled(OffsetCoverage coverage)
    {
        const string Table = "events";
        for (int partition = 0; partition < partitions; partition++)
        {
            foreach (OffsetRange range in coverage.Missing(partition))
            {
                long next = range.Start;
                foreach (OffsetRange part in gaps.Within(partition, range).Append(new OffsetRange(range.End, range.End)))
                {
                    if (next < part.Start)
                    {
                        _problems.Add(new VerifyProblem(
                            Table, null, $"offsets {new OffsetRange(next, part.Start)} of partition {partition} are in neither events, quarantine nor voids, and were not deleted"));
                    }

                    next = part.End;
                }
            }
        }

        if (coverage.RepeatCount > 0)
        {
            _problems.Add(new VerifyProblem(
                Table, null, $"{coverage.RepeatCount} offsets are there more than once, such as {string.Join(", ", coverage.Repeats.Select(at => $"{at.Offset} of partition {at.Partition}"))}"));
        }
    }
}
