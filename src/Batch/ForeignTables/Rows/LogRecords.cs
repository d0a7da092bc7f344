using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using DuckDB.NET.Data;
using Lambda.Batch.ForeignTables.Avro;
using Lambda.Batch.ForeignTables.Hudi;
using Lambda.Batch.ForeignTables.Hudi.Logs;

namespace Lambda.Batch.ForeignTables.Rows;

/// <summary>The records in logs as relations of DuckDB: those in Parquet by files of their own, those in Avro by tables of JSON, one for each schema.</summary>
/// <param name="duck">DuckDB.</param>
/// <param name="folder">The table.</param>
/// <param name="temporary">A folder for files.</param>
/// <param name="columns">The columns that are asked for, by their names in logs.</param>
internal sealed class LogRecords(DuckDBConnection duck, TableFolder folder, string temporary, IReadOnlySet<string> columns)
{
    private readonly Dictionary<string, Schema> _schemas = new(StringComparer.Ordinal);
    private readonly List<(string Path, LogBlock Block)> _files = [];

    /// <summary>Takes a block with records.</summary>
    /// <param name="block">The block.</param>
    /// <param name="slice">The file group.</param>
    /// <param name="number">The number of its first record.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task AddAsync(LogBlock block, int slice, long number, CancellationToken cancellationToken)
    {
        byte[] content = LogFile.ReadContent(folder, block);
        try
        {
            await (block.Kind == LogBlock.ParquetRecords
                ? AddParquetAsync(block, content, slice, number, cancellationToken)
                : AddAvroAsync(block, content, slice, number, cancellationToken)).ConfigureAwait(false);
        }
        catch (Exception error) when (error is FormatException or OverflowException)
        {
            throw Damaged(block, error);
        }
    }

    /// <summary>All that was taken.</summary>
    public async Task<IReadOnlyList<LogSource>> SourcesAsync(CancellationToken cancellationToken)
    {
        List<LogSource> sources = [.. _schemas.Values.Select(schema => schema.Source())];
        IReadOnlyList<ParquetShape> shapes = await ParquetShape.ReadAsync(duck, [.. _files.Select(file => file.Path)], cancellationToken).ConfigureAwait(false);
        foreach (ParquetShape shape in shapes)
        {
            string files = string.Join(", ", shape.Files.Select(file => ParquetFiles.File(_files[file].Path)));
            string log = _files[shape.Files[0]].Block.File.Path;
            await ParquetShape.EnsureReadAlikeAsync(
                duck, folder.Name, _files[shape.Files[0]].Path, log, shape.Columns.Where(column => columns.Contains(column.Name)), cancellationToken).ConfigureAwait(false);
            if (shape.RowNumberColumn is { } column)
            {
                throw folder.Unsupported($"the log '{log}' with a column '{column}', which stands for the numbers of rows when files are read", "Rename the column.");
            }

            sources.Add(new LogSource(
                $"read_parquet([{files}], hive_partitioning = false, filename = '{FileTable.PathColumn}') d JOIN log_files b ON b.path = d.{FileTable.PathColumn}",
                "b.number + d.file_row_number",
                "b.slice",
                shape.Columns,
                node => $"d.{ParquetFiles.Name(node.Name)}",
                log));
        }

        return sources;
    }

    /// <summary>A message in which temporary files stand for the blocks that they are of.</summary>
    public string Explain(string message) => _files.Where(file => message.Contains(file.Path, StringComparison.Ordinal)).Take(1)
        .Aggregate(message, (text, file) => text.Replace(file.Path, $"the block in the log {file.Block.Place}", StringComparison.Ordinal));

    private async Task AddParquetAsync(LogBlock block, byte[] content, int slice, long number, CancellationToken cancellationToken)
    {
        if (_files.Count == 0)
        {
            Directory.CreateDirectory(temporary);
            await DuckDb.ExecuteAsync(duck, "CREATE TEMP TABLE log_files (path VARCHAR, slice INTEGER, number BIGINT)", cancellationToken).ConfigureAwait(false);
        }

        string path = Path.Combine(temporary, string.Create(CultureInfo.InvariantCulture, $"{_files.Count}.parquet"));
        await File.WriteAllBytesAsync(path, content, cancellationToken).ConfigureAwait(false);
        _files.Add((path, block.Bare));
        using DuckDBAppender appender = duck.CreateAppender("log_files");
        appender.CreateRow().AppendValue(path).AppendValue(slice).AppendValue(number).EndRow();
    }

    /// <summary>A version, the number of records, and each record with its length.</summary>
    private async Task AddAvroAsync(LogBlock block, byte[] content, int slice, long number, CancellationToken cancellationToken)
    {
        const int knownVersion = 3;
        Schema schema = await SchemaAsync(block, cancellationToken).ConfigureAwait(false);
        int at = 0;
        int Int()
        {
            int value = content.Length - at >= sizeof(int) ? BinaryPrimitives.ReadInt32BigEndian(content.AsSpan(at)) : throw new FormatException("it is too short");
            at += sizeof(int);
            return value;
        }

        int version = Int();
        int count = version is > 0 and <= knownVersion ? Int() : throw new FormatException($"its version is {version}, where up to {knownVersion} is known");
        using DuckDBAppender appender = duck.CreateAppender(schema.Table);
        for (int i = 0; i < count; i++)
        {
            int length = Int();
            if (length < 0 || length > content.Length - at)
            {
                throw new FormatException($"record {i} is said to have {length} bytes, where {content.Length - at} follow");
            }

            appender.CreateRow().AppendValue(slice).AppendValue(number + i).AppendValue(schema.Json.Read(content.AsSpan(at, length))).EndRow();
            at += length;
        }

        if (at != content.Length || count < 0)
        {
            throw new FormatException($"it is said to have {count} records, and {content.Length - at} of its bytes are left");
        }
    }

    private async Task<Schema> SchemaAsync(LogBlock block, CancellationToken cancellationToken)
    {
        string text = block.Schema ?? throw new FormatException("it does not tell its schema");
        if (!_schemas.TryGetValue(text, out Schema? schema))
        {
            if (AvroNode.Parse(text) is not AvroNode.Record record)
            {
                throw new FormatException("its schema is not that of a record");
            }

            IReadOnlyList<ForeignField> fields;
            try
            {
                fields = HudiSchema.ReadAll(text);
            }
            catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                throw new FormatException($"its schema makes no sense: {error.Message.TrimEnd('.')}", error);
            }

            schema = new Schema(
                string.Create(CultureInfo.InvariantCulture, $"log_records{_schemas.Count}"),
                new AvroJson(record, columns),
                [.. fields.Where(field => columns.Contains(field.Name)).Select(LogNode.Of)],
                block.File.Path);
            await DuckDb.ExecuteAsync(duck, $"CREATE TEMP TABLE {schema.Table} (slice INTEGER, number BIGINT, record VARCHAR)", cancellationToken).ConfigureAwait(false);
            _schemas.Add(text, schema);
        }

        return schema;
    }

    private ForeignTableException Damaged(LogBlock block, Exception error) => folder.Refuse(
        $"has a block in the log {block.Place} that is damaged: {error.Message.TrimEnd('.')}. Restore the log from a copy, or read an instant before it, or have the engine compact the table", error);

    /// <summary>Records in Avro of one schema.</summary>
    private sealed record Schema(string Table, AvroJson Json, IReadOnlyList<ParquetNode> Columns, string File)
    {
        public LogSource Source()
        {
            string structure = $"{{{string.Join(", ", Columns.Select(LogNode.Readable).OfType<ParquetNode>().Select(node => $"{LogNode.Key(node.Name)}: {LogNode.Structure(node)}"))}}}";
            return new LogSource(
                $"(SELECT slice, number, from_json(record, {ParquetFiles.Text(structure)}) AS record FROM {Table}) d",
                "d.number",
                "d.slice",
                Columns,
                node => LogNode.Readable(node) is { Sql: { } type } ? $"CAST(struct_extract(d.record, {ParquetFiles.Text(node.Name)}) AS {type})" : "NULL",
                File);
        }
    }
}
