using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Lambda.Events;
using Lambda.Events.Json;
using Lambda.Log;
using Lambda.Views;
using Parquet;
using Parquet.Schema;

namespace Lambda.Hosting.Ingest;

/// <summary>
/// A Parquet file, a row group at a time, each row written as a JSON object. Columns are matched to the event's members by their JSON names in any
/// case; columns that no member is named after go along under their own names.
/// </summary>
internal sealed class ParquetFile : EventFile
{
    // The log is no web page: what HTML would need escaped stays as it is, and shorter.
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly ParquetReader _reader;
    private readonly IReadOnlyList<ParquetColumn> _columns;
    private readonly RecordKeyReader _keys;
    private readonly ArrayBufferWriter<byte> _json = new(1024);
    private readonly Utf8JsonWriter _writer;
    private int _nextGroup;
    private int _rowsInGroup;
    private int _rowInGroup;
    private bool _isWritten;

    private ParquetFile(ParquetReader reader, IReadOnlyList<ParquetColumn> columns, RecordKeyReader keys)
    {
        _reader = reader;
        _columns = columns;
        _keys = keys;
        _writer = new Utf8JsonWriter(_json, WriterOptions);
        Count = reader.Metadata?.NumRows;
    }

    public override long? Count { get; }

    public override double? Progress => Count is > 0 and long rows ? (double)Position / rows : null;

    /// <summary>Opens a file and matches its columns to the members of the stream's events.</summary>
    /// <exception cref="IngestException">It is not a whole Parquet file, or its columns do not fit.</exception>
    public static async Task<ParquetFile> OpenAsync(
        FileStream file,
        string path,
        StreamDefinition stream,
        RecordKeyReader keys,
        int maxRecordBytes,
        long skip,
        CancellationToken cancellationToken)
    {
        if (ParquetSignature.Defect(file) is { } defect)
        {
            throw new IngestException($"'{path}' is not a whole Parquet file: {defect}. Nothing was appended. Fetch or write the file again.");
        }

        ParquetReader reader;
        try
        {
            reader = await ParquetReader.CreateAsync(file, leaveStreamOpen: false, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // Damaged bytes end in any exception at all.
            throw new IngestException($"'{path}' is not a Parquet file that can be read: {error.Message} Nothing was appended.", error);
        }

        try
        {
            IReadOnlyList<ParquetColumn> columns = Columns(reader, path, stream);
            return new ParquetFile(reader, columns, keys) { Name = $"'{path}'", MaxRecordBytes = maxRecordBytes, Skip = skip };
        }
        catch
        {
            await reader.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public override async ValueTask<bool> ReadAsync(RecordBatch destination, CancellationToken cancellationToken)
    {
        while (true)
        {
            for (; _rowInGroup < _rowsInGroup; _rowInGroup++, _isWritten = false)
            {
                if (!Add(destination))
                {
                    return true;
                }
            }

            if (_nextGroup == _reader.RowGroupCount)
            {
                return false;
            }

            await ReadGroupAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync().ConfigureAwait(false);
        await _reader.DisposeAsync().ConfigureAwait(false);
    }

    private static List<ParquetColumn> Columns(ParquetReader reader, string path, StreamDefinition stream)
    {
        Dictionary<string, EventMember> members = stream.Schema.Members.ToDictionary(member => member.JsonName, StringComparer.OrdinalIgnoreCase);
        List<ParquetColumn> columns = [];
        HashSet<string> taken = new(StringComparer.OrdinalIgnoreCase);
        foreach (Field field in reader.Schema.Fields)
        {
            if (taken.Contains(field.Name))
            {
                // Both would be members of one object, of which the last counts.
                throw new IngestException(
                    $"'{path}' has several columns that may be '{field.Name}', in whatever case. Nothing was appended. Write the file with one of them renamed.");
            }

            if (members.Remove(field.Name, out EventMember? member))
            {
                taken.Add(field.Name);
            }

            ParquetColumn? column = field is DataField data ? ParquetColumn.TryCreate(data, member) : null;
            if (column is not null)
            {
                columns.Add(column);
            }
            else if (member is not null)
            {
                string type = field is DataField plain ? $"{plain.ClrType.Name}{(plain.IsArray ? "[]" : "")}" : field.SchemaType.ToString();
                throw new IngestException(
                    $"'{path}': column '{field.Name}' has type {type}, which does not fit member '{member.Name}' ({member.TypeName}) of "
                    + $"'{stream.Schema.EventType.Name}'. Nothing was appended. {Remedy(member)}");
            }
        }

        if (members.Values.FirstOrDefault(member => !member.IsNullable) is { } missing)
        {
            throw new IngestException(
                $"'{path}' has no column '{missing.JsonName}', which every event of stream '{stream.Name}' needs. Its columns are: "
                + $"{string.Join(", ", reader.Schema.Fields.Select(field => field.Name))}. Nothing was appended.");
        }

        return columns;
    }

    private static string Remedy(EventMember member) => member.Kind == MemberKind.Value
        ? "Write the file with a fitting type, or change the member's."
        : "Objects and arrays are not taken from Parquet files; write the events as NDJSON.";

    private async ValueTask ReadGroupAsync(CancellationToken cancellationToken)
    {
        try
        {
            using ParquetRowGroupReader group = _reader.OpenRowGroupReader(_nextGroup);
            _rowsInGroup = checked((int)group.RowCount);
            foreach (ParquetColumn column in _columns)
            {
                await column.ReadAsync(group, _rowsInGroup, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            throw new IngestException($"{Name} cannot be read after row {Position} (row group {_nextGroup}): {error.Message}", error);
        }

        _nextGroup++;
        _rowInGroup = 0;
        _isWritten = false;
    }

    /// <returns>False, with nothing taken, when the batch has no room for the row.</returns>
    private bool Add(RecordBatch destination)
    {
        if (!_isWritten)
        {
            Write(_rowInGroup);
            _isWritten = true;
        }

        ReadOnlySpan<byte> json = _json.WrittenSpan;
        ReadOnlySpan<byte> key = _keys.Read(json);
        if (destination.IsFullFor(key.Length + json.Length))
        {
            return false;
        }

        if (Take(Position + 1, key.Length + json.Length))
        {
            destination.Add(key, json);
        }

        return true;
    }

    private void Write(int row)
    {
        _json.ResetWrittenCount();
        _writer.Reset();
        _writer.WriteStartObject();
        foreach (ParquetColumn column in _columns)
        {
            column.Write(_writer, row);
        }

        _writer.WriteEndObject();
        _writer.Flush();
    }
}
