using System.Runtime.CompilerServices;
using Lambda.Batch.History;
using Lambda.Batch.History.Reading;
using Lambda.Events;

namespace Lambda.Batch.Archive;

/// <summary>Events in some files of a history, date by date. Safe for use by several threads at once.</summary>
internal sealed class ArchiveScan(HistoryScan scan) : IArchiveScan
{
    private readonly ILookup<DateOnly, HistoryFile> _files = scan.Files.ToLookup(DateOf);

    public IReadOnlyList<DateOnly> Dates { get; } = [.. scan.Files.Select(DateOf).Distinct().Order()];

    public IArchiveReader OpenReader(Projection projection, StringDictionary dictionary, RecordFields fields) =>
        new Reader(_files, scan.OpenReader(new EventBatch(projection, dictionary), fields));

    /// <summary>The date of all rows of a file.</summary>
    /// <exception cref="HistoryException">It has none.</exception>
    public static DateOnly DateOf(HistoryFile file) => file.Day
        ?? throw new HistoryException($"File '{file.Action.Path}' of the history has no date: another program has written it. Remove it from the table.");

    private sealed class Reader(ILookup<DateOnly, HistoryFile> files, HistoryReader rows) : IArchiveReader
    {
        public async IAsyncEnumerable<EventBatch> ReadAsync(DateOnly date, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            foreach (HistoryFile file in files[date])
            {
                await foreach (EventBatch batch in rows.ReadAsync(file, cancellationToken).ConfigureAwait(false))
                {
                    yield return batch;
                }
            }
        }

        public void Dispose() => rows.Dispose();
    }
}
