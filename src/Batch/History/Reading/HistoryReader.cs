using System.Runtime.CompilerServices;
using Lambda.Batch.History.Files;
using Lambda.Batch.History.Storage;
using Lambda.Events;

namespace Lambda.Batch.History.Reading;

/// <summary>Reads files of a scan, one after the other, into one batch.</summary>
internal sealed class HistoryReader : IDisposable
{
    private readonly IObjectStorage _storage;
    private readonly string _table;
    private readonly RowFilter _filter;
    private readonly RowReader _rows;

    /// <param name="storage">Where the table lies.</param>
    /// <param name="table">The table.</param>
    /// <param name="batch">What is read into.</param>
    /// <param name="eventTime">The member that is the event time.</param>
    /// <param name="filter">Which rows.</param>
    /// <param name="fields">What is read of their records.</param>
    public HistoryReader(IObjectStorage storage, string table, EventBatch batch, EventMember eventTime, RowFilter filter, RecordFields fields)
    {
        _storage = storage;
        _table = table;
        Batch = batch;
        _filter = filter;
        _rows = new RowReader(Batch, eventTime, fields);
    }

    /// <summary>The batch that is given. Its dictionary grows with the strings read; between files it may be reset.</summary>
    public EventBatch Batch { get; }

    /// <summary>Reads a file: gives the batch again and again, with the next rows in it.</summary>
    /// <exception cref="HistoryException">The file is missing or damaged.</exception>
    public async IAsyncEnumerable<EventBatch> ReadAsync(HistoryFile file, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using DataFileReader reader = await DataFileReader.OpenAsync(_storage, _table, file, cancellationToken).ConfigureAwait(false);
        _rows.Open(reader, _filter.TakesAll(file) ? null : _filter);
        try
        {
            while (_rows.ReadNext())
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (Batch.Count > 0)
                {
                    yield return Batch;
                }
            }
        }
        finally
        {
            // The caller may have left in the middle; the columns must be closed before the file.
            _rows.Close();
        }
    }

    public void Dispose() => _rows.Dispose();
}
