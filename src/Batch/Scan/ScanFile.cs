using Lambda.Batch.Scan.Pages;
using Lambda.Events;
using Lambda.Views;
using Microsoft.Win32.SafeHandles;
using ParquetSharp;

namespace Lambda.Batch.Scan;

/// <summary>An open Parquet file whose columns fit the events of a stream. Not safe for use by several threads at once.</summary>
internal sealed class ScanFile : IDisposable
{
    private readonly ParquetFileReader _reader;
    private readonly Dictionary<string, int> _columns;
    private readonly StreamDefinition _stream;
    private SafeFileHandle? _bytes;
    private ChunkDirectory? _chunks;

    private ScanFile(string path, StreamDefinition stream, ParquetFileReader reader)
    {
        Path = path;
        _stream = stream;
        _reader = reader;
        SchemaDescriptor schema = reader.FileMetaData.Schema;
        _columns = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < schema.NumColumns; i++)
        {
            // Parts of a nested column have a path of several names; only columns at the top are matched to members.
            string name = schema.Column(i).Path.ToDotString();
            if (!_columns.TryAdd(name, i))
            {
                throw new ScanException($"'{path}' has two columns named '{name}' (case does not tell names apart). Write it with different names.");
            }
        }
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The number of row groups.</summary>
    public int RowGroups => _reader.FileMetaData.NumRowGroups;

    /// <summary>Its bytes.</summary>
    public SafeFileHandle Bytes => _bytes ??= File.OpenHandle(Path);

    /// <summary>Where its pages lie.</summary>
    public ChunkDirectory Chunks => _chunks ??= ChunkDirectory.Of(Bytes);

    /// <summary>Opens a file.</summary>
    /// <exception cref="ScanException">It is missing or no whole Parquet file.</exception>
    public static ScanFile Open(string path, StreamDefinition stream)
    {
        if (!File.Exists(path))
        {
            throw new ScanException(Directory.Exists(path)
                ? $"'{path}' is a folder. Name the Parquet files in it."
                : $"There is no file '{path}'.");
        }

        ParquetFileReader? reader = null;
        try
        {
            reader = new ParquetFileReader(path);
            return new ScanFile(path, stream, reader);
        }
        catch (Exception error)
        {
            reader?.Dispose();
            throw error is ParquetException or IOException or UnauthorizedAccessException
                ? new ScanException($"'{path}' is not a Parquet file that can be read: {ParquetReason.Of(error)}", error)
                : error;
        }
    }

    /// <summary>The column of a member; null when the file has none and the member may be null.</summary>
    /// <exception cref="ScanException">The file has none and the member needs one.</exception>
    public int? IndexOf(EventMember member) => _columns.TryGetValue(member.JsonName, out int index)
        ? index
        : member.IsNullable && member != _stream.EventTime
            ? null
            : throw new ScanException(
                $"'{Path}' has no column '{member.JsonName}', which member '{member.Name}' of '{_stream.Schema.EventType.Name}' needs. Its columns are: "
                + $"{string.Join(", ", _columns.Keys)}. Rename the column, name it in [JsonPropertyName], or make the member nullable.");

    /// <summary>A column.</summary>
    public ColumnDescriptor Column(int index) => _reader.FileMetaData.Schema.Column(index);

    /// <summary>Opens a row group.</summary>
    public RowGroupReader RowGroup(int index) => _reader.RowGroup(index);

    /// <summary>That the values of a column do not fit a member.</summary>
    public ScanException Misfit(int index, EventMember member)
    {
        ColumnDescriptor column = Column(index);
        using LogicalType logical = column.LogicalType;
        string type = logical is NoneLogicalType ? $"{column.PhysicalType}" : $"{column.PhysicalType} ({logical})";
        return new ScanException(
            $"'{Path}': column '{column.Name}' has type {type}, which does not fit member '{member.Name}' ({member.TypeName}) of "
            + $"'{_stream.Schema.EventType.Name}'. Write the file with a fitting type, or change the member's.");
    }

    /// <summary>That a member cannot be read from any file.</summary>
    public ScanException Nested(EventMember member) => new(
        $"'{Path}': member '{member.Name}' of '{_stream.Schema.EventType.Name}' is an {member.TypeName}, which is not read from Parquet files of others. Ingest "
        + "the events as NDJSON, or leave the member out of the view.");

    /// <summary>That something is wrong with the file's bytes.</summary>
    public ScanException Damaged(int rowGroup, string column, Exception error) =>
        new($"'{Path}' cannot be read in row group {rowGroup}, column '{column}': {ParquetReason.Of(error)}. Fetch or write the file again.", error);

    public void Dispose()
    {
        _bytes?.Dispose();
        _reader.Dispose();
    }
}
