using Lambda.Batch.ForeignTables.Delta;
using Lambda.Batch.ForeignTables.Hudi;
using Lambda.Batch.ForeignTables.Iceberg;
using Lambda.Batch.History;
using Lambda.Batch.History.Delta;

namespace Lambda.Batch.ForeignTables;

/// <summary>Finds tables of others in folders.</summary>
internal static class TableFinder
{
    /// <summary>By the folder that a table of the format has in its own.</summary>
    private static readonly Format[] Formats =
    [
        new("Delta", DeltaPaths.LogFolder, folder => Directory.Exists(Path.Combine(folder, DeltaPaths.LogFolder)), DeltaTable.OpenAsync),
        new("Iceberg", MetadataFile.Folder, MetadataFile.IsIn, IcebergTable.OpenAsync),
        new("Hudi", HudiProperties.Folder, HudiTable.IsIn, HudiTable.OpenAsync),
    ];

    /// <summary>Opens the table in a folder, or of a folder of metadata in it, which chooses between several.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="point">The version.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="ForeignTableException">There is no table, or none that can be read.</exception>
    public static async Task<ForeignTable> OpenAsync(string folder, HistoryPoint point, CancellationToken cancellationToken)
    {
        string path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        string parent = Path.GetDirectoryName(path) ?? path;
        Format[] named = [.. Formats.Where(format => Path.GetFileName(path) == format.MetadataFolder && format.IsIn(parent))];
        Format[] found = named.Length > 0 ? named : [.. Formats.Where(format => format.IsIn(path))];
        if (found is not [Format format])
        {
            throw new ForeignTableException(found.Length == 0
                ? $"The folder '{path}' is no table: it has neither a folder '_delta_log', as tables of Delta Lake have, nor a folder 'metadata' "
                    + "with '*.metadata.json', as tables of Apache Iceberg have, nor a folder '.hoodie', as tables of Apache Hudi have. Name a table's folder, or one file."
                : $"The folder '{path}' has the metadata of several formats: {string.Join(", ", found.Select(format => format.Name))}. Say whose counts by naming the folder of its metadata: "
                    + $"'{Path.Combine(path, found[0].MetadataFolder)}', say.");
        }

        try
        {
            return await format.OpenAsync(named.Length > 0 ? parent : path, point, cancellationToken).ConfigureAwait(false);
        }
        catch (HistoryException error)
        {
            throw new ForeignTableException(error.Message, error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ForeignTableException($"The {format.Name} table '{path}' cannot be read: {error.Message}", error);
        }
    }

    private sealed record Format(
        string Name, string MetadataFolder, Func<string, bool> IsIn, Func<string, HistoryPoint, CancellationToken, Task<ForeignTable>> OpenAsync);
}
