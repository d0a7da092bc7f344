using System.Runtime.CompilerServices;
using Lambda.Batch.History.Storage;
using Lambda.Events;

namespace Lambda.Batch.History;

/// <summary>Reads the rows of a snapshot that a filter takes. Files may be read in parallel, each thread with a reader of its own.</summary>
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
        RowFilter filter)
    {
        _storage = storage;
        _table = table;
        _projection = projection;
        _eventTime = eventTime;
        _filter = filter;
        Files = [.. snapshot.Files.Where(_filter.MayTake)];
    }

    /// <summary>The files that may have such rows, ordered by date.</summary>
    public IReadOnlyList<HistoryFile> Files { get; }

    /// <summary>A batch to read into.</summary>
    public EventBatch CreateBatch() => new(_projection, new StringDictionary());

    /// <summary>Reads any number of files into a batch: cheaper than to begin anew with each.</summary>
    public HistoryReader CreateReader(EventBatch batch) => new(_storage, _table, batch, _eventTime, _filter);

    /// <summary>Reads all files. Each batch given is the same one, with the next rows in it.</summary>
    /// <exception cref="HistoryException">A file is missing or damaged.</exception>
    public async IAsyncEnumerable<EventBatch> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using HistoryReader reader = CreateReader(CreateBatch());
        foreach (HistoryFile file in Files)
        {
            await foreach (EventBatch rows in reader.ReadAsync(file, cancellationToken).ConfigureAwait(false))
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
        using HistoryReader reader = CreateReader(batch);
        await foreach (EventBatch rows in reader.ReadAsync(file, cancellationToken).ConfigureAwait(false))
        {
            yield return rows;
        }
    }
}
