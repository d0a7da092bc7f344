using System.Globalization;
using System.Runtime.CompilerServices;
using Lambda.Events;
using Lambda.Log;
using Lambda.Processing;
using Lambda.Store;

namespace Lambda.Batch.Audit;

/// <summary>
/// Why events may rightly come to windows or go from them where a record was refused before and is not now, or the other way about: a view that threw was mended, a new one throws for events that others
/// have counted, or records are decoded by other rules. Such an event counts in all views or in none, and nothing tells which windows it falls into.
/// </summary>
/// <param name="store">Tells what was refused before.</param>
/// <param name="subject">What is audited.</param>
/// <param name="from">Where the events begin that are compared.</param>
internal sealed class RefusalExcuse(IServingStore store, AuditSubject subject, Boundary from)
{
    private const int PageRecords = 1_000;

    /// <summary>How many pages of a partition are read at most: refused records are kept as they came, and may be millions.</summary>
    private const int MostPages = 100;

    /// <summary>Row checks are the batch layer's own, and what they refuse is compared.</summary>
    private static readonly RejectReason[] Reasons = [.. Enum.GetValues<RejectReason>().Where(reason => reason != RejectReason.CheckFailed)];

    private Task<string?>? _found;

    /// <summary>The excuse, as a sentence to append; null when the same records are refused as before.</summary>
    public Task<string?> FindAsync(CancellationToken cancellationToken) => _found ??= SearchAsync(cancellationToken);

    private async Task<string?> SearchAsync(CancellationToken cancellationToken)
    {
        HashSet<LogPosition> refused = await FindRefusedAsync(cancellationToken).ConfigureAwait(false);
        HashSet<LogPosition> removed = [.. subject.Computation.Repetitions, .. subject.Computation.Refused.Select(row => row.Position)];
        HashSet<LogPosition> others = [.. refused];
        bool areAll = true;
        for (int partition = 0; partition < subject.Boundary.Partitions; partition++)
        {
            int records = 0;
            await foreach (LogPosition before in ReadRefusedBeforeAsync(partition, cancellationToken).ConfigureAwait(false))
            {
                if (!refused.Contains(before) && !removed.Contains(before))
                {
                    return Text(before, "was refused, and is not now");
                }

                others.Remove(before);
                records++;
            }

            areAll &= records < PageRecords * MostPages;
        }

        return areAll && others.Count > 0 ? Text(others.Min(), "is refused now, and was not") : null;
    }

    /// <summary>What is refused now of the records that somebody has judged before.</summary>
    private async Task<HashSet<LogPosition>> FindRefusedAsync(CancellationToken cancellationToken)
    {
        HashSet<LogPosition> refused =
        [
            .. subject.Computation.Refused.Where(row => row.By == RefusedBy.View).Select(row => row.Position).Where(IsJudgedBefore),
        ];
        await foreach (LogPosition position in subject.Archive.ReadQuarantinedPositionsAsync(subject.Boundary, cancellationToken).ConfigureAwait(false))
        {
            if (IsJudgedBefore(position))
            {
                refused.Add(position);
            }
        }

        return refused;
    }

    /// <summary>By the speed layer, or for the generation that serves: what those refuse is in the store.</summary>
    private bool IsJudgedBefore(LogPosition position) => position.Offset >= from[position.Partition]
        && position.Offset < Math.Max(subject.Speed.NextOffset(position.Partition), subject.Speed.Current?.Boundary[position.Partition] ?? 0);

    /// <summary>Records of a partition that were refused before, the newest first.</summary>
    private async IAsyncEnumerable<LogPosition> ReadRefusedBeforeAsync(int partition, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long below = subject.Boundary[partition];
        for (int page = 0; page < MostPages && below > from[partition]; page++)
        {
            QuarantinePage found = await store.ReadQuarantineAsync(
                subject.Stream.Name, new QuarantineFilter(Reasons) { Within = new QuarantineStretch(partition, below), MaxBytes = 0 }, PageRecords, cancellationToken)
                .ConfigureAwait(false);
            foreach (QuarantinedRecord record in found.Records.Where(record => record.Offset >= from[partition]))
            {
                yield return new LogPosition(partition, record.Offset);
            }

            below = found.Records is [.., { } last] ? last.Offset : from[partition];
        }
    }

    private static string Text(LogPosition position, string change) => string.Create(
        CultureInfo.InvariantCulture,
        $" Other records are refused than before: the one at offset {position.Offset} of partition {position.Partition} {change}. That may be the reason, so this does not block.");
}
