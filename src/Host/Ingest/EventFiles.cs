using Lambda.Batch.History;
using Lambda.Events.Json;
using Lambda.Views;

namespace Lambda.Hosting.Ingest;

/// <summary>Opens files of events, whatever their format.</summary>
internal static class EventFiles
{
    /// <summary>What stands for the standard input.</summary>
    public const string StandardInput = "-";

    /// <summary>
    /// Opens a file, the standard input, or the table in a folder. A Parquet file is known by its name or its first bytes; all else is taken as a JSON object per line.
    /// </summary>
    /// <exception cref="IngestException">There is no such file, or it cannot be read.</exception>
    public static async Task<EventFile> OpenAsync(
        string path, StreamDefinition stream, int maxRecordBytes, long skip, CancellationToken cancellationToken, HistoryPoint? asOf = null)
    {
        RecordKeyReader keys = new(stream.Schema, stream.PartitionKey);
        if (Directory.Exists(path))
        {
            return await TableRowsFile.OpenAsync(path, asOf ?? HistoryPoint.Now, stream, keys, maxRecordBytes, skip, cancellationToken).ConfigureAwait(false);
        }

        if (asOf is not null)
        {
            throw new IngestException(
                $"'{path}' is no table's folder, so it has no versions and cannot be taken in as it was at some time. Leave --as-of out, or name a folder. Nothing was appended.");
        }

        if (path == StandardInput)
        {
            return new NdjsonFile(Console.OpenStandardInput(), keys, LineOrigin.User) { Name = "the standard input", MaxRecordBytes = maxRecordBytes, Skip = skip };
        }

        FileStream file = Open(path);
        try
        {
            return Path.GetExtension(path).Equals(".parquet", StringComparison.OrdinalIgnoreCase) || ParquetSignature.IsAtStart(file)
                ? await ParquetFile.OpenAsync(file, path, stream, keys, maxRecordBytes, skip, cancellationToken).ConfigureAwait(false)
                : new NdjsonFile(file, keys, LineOrigin.User) { Name = $"'{path}'", MaxRecordBytes = maxRecordBytes, Skip = skip };
        }
        catch
        {
            await file.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, new FileStreamOptions { Options = FileOptions.SequentialScan, BufferSize = 0 });
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new IngestException($"There is no file '{path}' (looked up in '{Environment.CurrentDirectory}'). Check its name.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IngestException($"'{path}' cannot be opened: {error.Message}", error);
        }
    }
}
