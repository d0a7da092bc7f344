using System.Runtime.CompilerServices;
using Lambda.Batch.History.Files;
using Lambda.Batch.History.Storage;
using Lambda.Events;
using Lambda.Store;

namespace Lambda.Batch.History;

/// <summary>Reads the rows of a snapshot below a boundary. Files may be read in parallel, each with a batch of its own.</summary>
internal sealed class HistoryScan
{
    private readonly IObjectStorage _storage;
    private readonly string _table;
    private readonly Projection _projection;
    private readonly EventMember _eventTime;
    private readonly RowFilter _filter;

    public HistoryScan(
        IObjectStorage storage,
        string table,
        HistorySnapshot snapshot,
        Projection projection,
        EventMember eventTime,
        Boundary boundary,
        EventTimeRange range)
    {
        _storage = storage;
        _table = table;
        _projection = projection;
        _eventTime = eventTime;
        _filter = new RowFilter(boundary, range);
        Files = [.. snapshot.Files.Where(_filter.MayTake)];
    }

    /// <summary>The files that may have such rows, ordered by date.</summary>
    public IReadOnlyList<HistoryFile> Files { get; }

    /// <summary>A batch to read into.</summary>
    public EventBatch CreateBatch() => new(_projection, new StringDictionary());

    /// <summary>Reads all files. Each batch given is the same one, with the next rows in it.</summary>
    /// <exception cref="HistoryException">A file is missing or damaged.</exception>
    public async IAsyncEnumerable<EventBatch> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        EventBatch batch = CreateBatch();
        foreach (HistoryFile file in Files)
        {
            await foreach (EventBatch rows in ReadAsync(file, batch, cancellationToken).ConfigureAwait(false))
            {
                yield return rows;
            }
        }
    }

    /// <summary>Reads one file into a batch, which is given again and again with the next rows in it.</summary>
    /// <exception cref="HistoryException">The file is missing or damaged.</exception>
    public async IAsyncEnumerable<EventBatch> ReadAsync(
        HistoryFile file, EventBatch batch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using DataFileReader reader = await DataFileReader.OpenAsync(_storage, _table, file, cancellationToken).ConfigureAwait(false);
        using RowReader rows = new(reader, batch, _eventTime, _filter);
        while (rows.ReadNext())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (batch.Count > 0)
            {
                yield return batch;
            }
        }
    }
}
