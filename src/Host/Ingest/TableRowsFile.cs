using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Lambda.Batch.ForeignTables;
using Lambda.Batch.ForeignTables.Rows;
using Lambda.Batch.History;
using Lambda.Events;
using Lambda.Events.Json;
using Lambda.Log;
using Lambda.Views;

namespace Lambda.Hosting.Ingest;

/// <summary>
/// The rows of a table of others, each written as a JSON object, in the order of event time: so little or nothing of a history that is taken in is late.
/// Those of one instant follow the event ids, so that each reading has the same order.
/// </summary>
internal sealed class TableRowsFile : EventFile
{
    // The log is no web page: what HTML would need escaped stays as it is, and shorter.
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly ForeignRows _rows;
    private readonly RecordKeyReader _keys;
    private readonly (JsonEncodedText Name, TableValue Value)[] _columns;
    private readonly ArrayBufferWriter<byte> _json = new(1024);
    private readonly Utf8JsonWriter _writer;
    private bool _isWritten;

    private TableRowsFile(ForeignRows rows, IReadOnlyList<(EventMember Member, ForeignField Column)> columns, RecordKeyReader keys)
    {
        _rows = rows;
        _keys = keys;
        _columns = [.. columns.Select(pair => (JsonEncodedText.Encode(pair.Member.JsonName), TableValue.Of(pair.Member, pair.Column.Type)))];
        _writer = new Utf8JsonWriter(_json, WriterOptions);
    }

    public override double? Progress => null;

    /// <summary>Opens the table in a folder.</summary>
    /// <exception cref="IngestException">There is none, or none that can be read, or its columns do not fit.</exception>
    public static async Task<TableRowsFile> OpenAsync(
        string path, HistoryPoint point, StreamDefinition stream, RecordKeyReader keys, int maxRecordBytes, long skip, CancellationToken cancellationToken)
    {
        try
        {
            ForeignTable table = await TableFinder.OpenAsync(path, point, cancellationToken).ConfigureAwait(false);
            IReadOnlyList<(EventMember Member, ForeignField Column)> columns = new TableColumns(table, stream).Match();
            int[] order = [.. columns.Index()
                .Where(pair => pair.Item.Member == stream.EventTime || pair.Item.Member == stream.EventId)
                .OrderByDescending(pair => pair.Item.Member == stream.EventTime)
                .Select(pair => pair.Index)];
            ForeignRows rows = await ForeignRows.OpenAsync(table, [.. columns.Select(pair => pair.Column)], order, cancellationToken).ConfigureAwait(false);
            return new TableRowsFile(rows, columns, keys) { Name = $"'{path}', {table.Version},", MaxRecordBytes = maxRecordBytes, Skip = skip };
        }
        catch (ForeignTableException error)
        {
            throw new IngestException($"{error.Message} Nothing was appended.", error);
        }
    }

    public override ValueTask<bool> ReadAsync(RecordBatch destination, CancellationToken cancellationToken)
    {
        while (TryWriteNext())
        {
            cancellationToken.ThrowIfCancellationRequested();
            ReadOnlySpan<byte> json = _json.WrittenSpan;
            ReadOnlySpan<byte> key = _keys.Read(json);
            if (destination.IsFullFor(key.Length + json.Length))
            {
                return ValueTask.FromResult(true);
            }

            if (Take(Position + 1, key.Length + json.Length))
            {
                destination.Add(key, json);
            }

            _isWritten = false;
        }

        return ValueTask.FromResult(false);
    }

    public override async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync().ConfigureAwait(false);
        await _rows.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Writes the next row, unless the batch before had no room for it.</summary>
    /// <returns>Whether there is one.</returns>
    private bool TryWriteNext()
    {
        if (_isWritten)
        {
            return true;
        }

        try
        {
            _isWritten = _rows.Read();
        }
        catch (ForeignTableException error)
        {
            throw new IngestException(error.Message, error);
        }

        if (_isWritten)
        {
            Write();
        }

        return _isWritten;
    }

    private void Write()
    {
        _json.ResetWrittenCount();
        _writer.Reset();
        _writer.WriteStartObject();
        for (int i = 0; i < _columns.Length; i++)
        {
            _writer.WritePropertyName(_columns[i].Name);
            _columns[i].Value.Write(_writer, ValueAt(i));
        }

        _writer.WriteEndObject();
        _writer.Flush();
    }

    private object? ValueAt(int column)
    {
        try
        {
            return _rows.Row.IsDBNull(column) ? null : _rows.Row.GetValue(column);
        }
        catch (Exception error) when (error is ArgumentOutOfRangeException or OverflowException or InvalidCastException)
        {
            throw new IngestException(
                $"{Name} has a value of '{_columns[column].Name}' in row {Position + 1} of its order that cannot be taken: {error.Message} Correct it in the table.", error);
        }
    }
}
