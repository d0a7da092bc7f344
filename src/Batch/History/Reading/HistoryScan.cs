using Lambda.Batch.History.Storage;
using Lambda.Events;

namespace Lambda.Batch.History.Reading;

/// <summary>Files of a history, and which of their rows are read. Files may be read in parallel, each thread with a reader of its own.</summary>
/// <param name="storage">Where the table lies.</param>
/// <param name="table">The table.</param>
/// <param name="eventTime">The member that is the event time.</param>
/// <param name="files">The files, ordered by date.</param>
/// <param name="filter">Which rows.</param>
internal sealed class HistoryScan(IObjectStorage storage, string table, EventMember eventTime, IReadOnlyList<HistoryFile> files, RowFilter filter)
{
    /// <summary>The files, ordered by date.</summary>
    public IReadOnlyList<HistoryFile> Files { get; } = files;

    /// <summary>Reads any number of files into a batch: cheaper than to begin anew with each.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="fields">What is read of the rows' records.</param>
    public HistoryReader OpenReader(EventBatch batch, RecordFields fields) => new(storage, table, batch, eventTime, filter, fields);
}
