using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Files;
using Lambda.Batch.History.Storage;

namespace Lambda.Batch.History.Appending;

/// <summary>Writes the data files of one table. They belong to it only once a commit says so.</summary>
/// <param name="storage">Where the table lies.</param>
/// <param name="table">Its folder.</param>
/// <param name="time">Stamps files.</param>
internal sealed class TableFiles(IObjectStorage storage, string table, TimeProvider time)
{
    /// <summary>The tag of a data file that holds its footer's checksum.</summary>
    public const string FooterChecksumTag = "lambda.footerChecksum";

    /// <summary>
    /// After how long files that no commit has named are given up by their own writer. Well below <see cref="DeltaLog.MinRetention"/>: a vacuum takes older ones
    /// for litter, and a commit that came after it would name files that are gone.
    /// </summary>
    private static readonly TimeSpan MaxUncommittedAge = TimeSpan.FromMinutes(20);

    /// <summary>Writes a file.</summary>
    /// <param name="file">Its content.</param>
    /// <param name="date">The date of its rows.</param>
    /// <param name="offsets">Where its rows stand in the event log.</param>
    /// <param name="dataChange">False when its rows are in the table already.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The action that makes it part of the table.</returns>
    public async Task<AddFile> WriteAsync(EncodedFile file, string date, FileOffsets offsets, bool dataChange, CancellationToken cancellationToken)
    {
        string name = $"{DeltaPaths.PartitionFolder(TableSchema.DateColumn, date)}/part-{Guid.CreateVersion7():N}.zstd.parquet";
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        Dictionary<string, string> tags = new(StringComparer.Ordinal) { [FooterChecksumTag] = file.FooterChecksum };
        if (offsets.FitTag)
        {
            tags[FileOffsets.Tag] = offsets.ToString();
        }

        await storage.PutAsync($"{table}/{name}", file.Content, cancellationToken).ConfigureAwait(false);
        return new AddFile(
            DeltaPaths.Encode(name),
            new Dictionary<string, string?>(StringComparer.Ordinal) { [TableSchema.DateColumn] = date },
            file.Content.Length,
            now,
            dataChange,
            file.Statistics,
            tags);
    }

    /// <summary>Whether files that were written may still be committed.</summary>
    public bool AreFresh(IEnumerable<AddFile> files) => AreYounger(files, MaxUncommittedAge);

    /// <summary>Whether files that were written are to be committed before others are written, or they may be given up before.</summary>
    public bool AreDue(IEnumerable<AddFile> files) => !AreYounger(files, MaxUncommittedAge / 4);

    private bool AreYounger(IEnumerable<AddFile> files, TimeSpan age)
    {
        DateTimeOffset now = time.GetUtcNow();
        return files.All(file => (now - DateTimeOffset.FromUnixTimeMilliseconds(file.ModificationTime)).Duration() < age);
    }

    /// <summary>Deletes files that lost to another writer, unless the table has them after all because an answer of the storage got lost.</summary>
    public async Task DeleteUnusedAsync(IEnumerable<AddFile> files, DeltaSnapshot current, CancellationToken cancellationToken)
    {
        foreach (AddFile file in files.Where(file => !current.Knows(file.Path)))
        {
            await storage.DeleteAsync($"{table}/{DeltaPaths.Decode(file.Path)}", cancellationToken).ConfigureAwait(false);
        }
    }
}
