using System.Runtime.CompilerServices;
using Lambda.Batch.History.Files;
using Lambda.Batch.History.Storage;
using Lambda.Events;

namespace Lambda.Batch.History;

/// <summary>Reads files of a scan, one after the other, into one batch.</summary>
internal sealed class HistoryReader : IDisposable
{
    private readonly IObjectStorage _storage;
    private readonly string _table;
    private readonly RowReader _rows;

    public HistoryReader(IObjectStorage storage, string table, EventBatch batch, EventMember eventTime, RowFilter filter)
    {
        _storage = storage;
        _table = table;
        Batch = batch;
        _rows = new RowReader(Batch, eventTime, filter);
    }

    /// <summary>The batch that is given. Its dictionary grows with the strings read; between files it may be reset.</summary>
    public EventBatch Batch { get; }

    /// <summary>Reads a file: gives the batch again and again, with the next rows in it.</summary>
    /// <exception cref="HistoryException">The file is missing or damaged.</exception>
    public async IAsyncEnumerable<EventBatch> ReadAsync(HistoryFile file, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using DataFileReader reader = await DataFileReader.OpenAsync(_storage, _table, file, cancellationToken).ConfigureAwait(false);
        _rows.Open(reader);
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
