using System.Buffers.Binary;
using Lambda.Batch.History.Appending;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Storage;
using ParquetSharp;
using ParquetSharp.IO;

namespace Lambda.Batch.History.Files;

/// <summary>An open data file, proven to be the one that was written as far as that costs little: its length and its footer's checksum.</summary>
internal sealed class DataFileReader : IDisposable
{
    private const int TrailerBytes = 8;

    private readonly string _table;
    private readonly StorageStream _stream;

    /// <summary>These two are null until the file was proven.</summary>
    private ManagedRandomAccessFile? _file;
    private ParquetFileReader? _parquet;

    /// <summary>By path the place of each column, and what its instants count if that is not microseconds.</summary>
    private Dictionary<string, (int Index, string? OtherUnit)> _columns = [];

    private DataFileReader(string table, string name, StorageStream stream)
    {
        _table = table;
        Name = name;
        _stream = stream;
    }

    /// <summary>The file, as messages name it.</summary>
    public string Name { get; }

    /// <summary>How many rows it has.</summary>
    public long Rows => _parquet!.FileMetaData.NumRows;

    /// <summary>Its columns of values, in order.</summary>
    public IEnumerable<FileColumn> Columns
    {
        get
        {
            SchemaDescriptor schema = _parquet!.FileMetaData.Schema;
            return Enumerable.Range(0, schema.NumColumns).Select(schema.Column)
                .Select(column => new FileColumn(Key(PathOf(column)), column));
        }
    }

    public int RowGroups => _parquet!.FileMetaData.NumRowGroups;

    /// <summary>Opens a file of a table.</summary>
    /// <exception cref="HistoryException">It is missing or damaged.</exception>
    /// <exception cref="IOException">The storage failed.</exception>
    public static async Task<DataFileReader> OpenAsync(
        IObjectStorage storage, string table, HistoryFile file, CancellationToken cancellationToken)
    {
        string name = $"{table}/{DeltaPaths.Decode(file.Action.Path)}";
        string described = storage.Describe(name);
        string describedTable = storage.Describe(table);
        Stream stream = await storage.OpenReadAsync(name, cancellationToken).ConfigureAwait(false)
            ?? throw new HistoryException(
                $"The history '{describedTable}' lacks its file '{described}'. Restore it from a copy. (If it was deleted by a vacuum, the "
                + "version being read is older than what the vacuum keeps: read a newer one.)");
        DataFileReader reader = new(describedTable, described, new StorageStream(stream));
        try
        {
            reader.Guard(() => reader.Open(file));
            return reader;
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    /// <summary>Opens a row group.</summary>
    public RowGroupReader RowGroup(int index) => _parquet!.RowGroup(index);

    /// <summary>The place of a column of values in the file; null when it was written before the column was added.</summary>
    /// <param name="path">The names from the outermost group down to the column.</param>
    /// <exception cref="HistoryException">Another program has written its instants in a unit that the table does not have.</exception>
    public int? IndexOf(IReadOnlyList<string> path)
    {
        if (!_columns.TryGetValue(Key(path), out (int Index, string? OtherUnit) column))
        {
            return null;
        }

        // Whatever reads the column takes its numbers for microseconds, so others would become other instants without a trace.
        return column.OtherUnit is { } unit
            ? throw new HistoryException(
                $"The file '{Name}' of the history '{_table}' has instants in {unit} in its column '{string.Join('.', path)}', and histories have microseconds. Have the program "
                + "that has written it write microseconds (Spark: spark.sql.parquet.outputTimestampType=TIMESTAMP_MICROS), and rewrite the file.")
            : column.Index;
    }

    /// <summary>Does something with the file's bytes, and explains whatever is wrong with them.</summary>
    /// <exception cref="HistoryException">The file is damaged.</exception>
    /// <exception cref="IOException">The storage failed.</exception>
    public void Guard(Action read)
    {
        try
        {
            read();
        }
        catch (Exception e) when (Explain(e) is { } explained)
        {
            throw explained;
        }
    }

    /// <summary>What an error in reading the file says about it, or about its storage; null when it is about neither.</summary>
    public Exception? Explain(Exception error) => error switch
    {
        not (ParquetException or InvalidDataException or OverflowException or IOException) => null,

        // Native code has made it an error of its own, which looks as if the bytes were wrong.
        _ when _stream.Failure is { } failure => new IOException(
            $"The file '{Name}' of the history '{_table}' could not be read: {failure.Message.Trim().TrimEnd('.')}. Nothing is known to be wrong with it: try again.",
            failure),
        _ => new HistoryException(
            $"The file '{Name}' of the history '{_table}' is damaged: {ParquetReason.Of(error)}. Restore it from a copy. Until then, versions that "
            + "contain it cannot be read.",
            error),
    };

    public void Dispose()
    {
        _parquet?.Dispose();
        _file?.Dispose();
        _stream.Dispose();
    }

    private void Open(HistoryFile file)
    {
        if (_stream.Length != file.Action.Size)
        {
            throw new InvalidDataException($"it has {_stream.Length} bytes instead of {file.Action.Size}");
        }

        VerifyFooter(file.Action);
        using ReaderProperties properties = ReaderProperties.GetDefaultReaderProperties();
        properties.EnablePageChecksumVerification();
        _file = new ManagedRandomAccessFile(_stream, leaveOpen: true);
        _parquet = new ParquetFileReader(_file, properties);
        if (file.Rows is { } rows && _parquet.FileMetaData.NumRows != rows)
        {
            throw new InvalidDataException($"it has {_parquet.FileMetaData.NumRows} rows instead of {rows}");
        }

        SchemaDescriptor schema = _parquet.FileMetaData.Schema;
        _columns = Enumerable.Range(0, schema.NumColumns).ToDictionary(
            index => Key(PathOf(schema.Column(index))), index => (index, OtherUnitOf(schema.Column(index))), StringComparer.Ordinal);
    }

    /// <summary>A path as one string. Names may have dots, but no line feeds.</summary>
    public static string Key(IReadOnlyList<string> path) => string.Join('\n', path);

    /// <summary>What a column of instants counts if it is not microseconds; null for all other columns.</summary>
    private static string? OtherUnitOf(ColumnDescriptor column)
    {
        using LogicalType logical = column.LogicalType;
        return (column.PhysicalType, logical) switch
        {
            (PhysicalType.Int96, _) => "the old form of 12 bytes",
            (_, TimestampLogicalType { TimeUnit: TimeUnit.Millis }) => "milliseconds",
            (_, TimestampLogicalType { TimeUnit: TimeUnit.Nanos }) => "nanoseconds",
            _ => null,
        };
    }

    private static string[] PathOf(ColumnDescriptor column)
    {
        using ParquetSharp.Schema.ColumnPath path = column.Path;
        return path.ToDotVector();
    }

    private void VerifyFooter(AddFile action)
    {
        if (!action.Tags.TryGetValue(TableFiles.FooterChecksumTag, out string? expected))
        {
            return;
        }

        byte[] trailer = ReadEnd(TrailerBytes);
        int length = BinaryPrimitives.ReadInt32LittleEndian(trailer);
        if (length < 0 || length > _stream.Length - TrailerBytes || DataFileWriter.FooterChecksum(ReadEnd(length + TrailerBytes)) != expected)
        {
            throw new InvalidDataException("its footer's checksum is wrong");
        }
    }

    private byte[] ReadEnd(int bytes)
    {
        byte[] end = new byte[bytes];
        _stream.Seek(-Math.Min(bytes, _stream.Length), SeekOrigin.End);
        _stream.ReadExactly(end);
        _stream.Seek(0, SeekOrigin.Begin);
        return end;
    }
}

/// <summary>A column of values of a file.</summary>
/// <param name="Key">Its path, as <see cref="DataFileReader.Key"/> has it.</param>
/// <param name="Descriptor">What the file says of it.</param>
internal readonly record struct FileColumn(string Key, ColumnDescriptor Descriptor);
