using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;

namespace Lambda.Batch.ForeignTables.Iceberg;

/// <summary>Finds the newest of a table's metadata files, without the catalog that would know it.</summary>
internal static partial class MetadataFile
{
    /// <summary>The folder of metadata.</summary>
    public const string Folder = "metadata";

    private const string Hint = "version-hint.text";

    /// <summary>Whether there are such files in a table's folder.</summary>
    public static bool IsIn(string folder)
    {
        string metadata = Path.Combine(folder, Folder);
        return Directory.Exists(metadata) && (File.Exists(Path.Combine(metadata, Hint)) || Versions(metadata).Any());
    }

    /// <summary>The name, relative to the table, and the JSON of the newest one.</summary>
    /// <exception cref="ForeignTableException">There is none, or two may be meant.</exception>
    public static async Task<(string Name, byte[] Json)> ReadNewestAsync(TableFolder folder, CancellationToken cancellationToken)
    {
        string metadata = Path.Combine(folder.Path, Folder);
        (int Version, string Name)[] versions = [.. Versions(metadata)];
        int newest = versions.Length == 0 ? 0 : versions.Max(version => version.Version);
        if (File.Exists(Path.Combine(metadata, Hint)))
        {
            string hint = Encoding.UTF8.GetString(await folder.ReadAsync($"{Folder}/{Hint}", "hint of the version", cancellationToken).ConfigureAwait(false)).Trim();
            newest = int.TryParse(hint, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                ? number
                : throw folder.Refuse($"has a file '{Folder}/{Hint}' that says '{hint[..Math.Min(hint.Length, 40)]}' where the number of a version should be. Write that into it");

            // The hint is written after the metadata, so a crash leaves it behind.
            while (versions.Any(version => version.Version == newest + 1))
            {
                newest++;
            }
        }

        string[] names = [.. versions.Where(version => version.Version == newest).Select(version => version.Name)];
        string name = names switch
        {
            [var only] => $"{Folder}/{only}",
            [] => throw folder.Refuse($"has no metadata file of version {newest} in '{metadata}', which would be its newest. Restore it from a copy"),
            _ => throw folder.Refuse(
                $"has several metadata files of version {newest}: {string.Join(", ", names)}. Only its catalog knows which one counts; move the others away"),
        };
        byte[] content = await folder.ReadAsync(name, "metadata file", cancellationToken).ConfigureAwait(false);
        return (name, name.Contains(".gz", StringComparison.Ordinal) ? Decompress(content, folder, name) : content);
    }

    private static IEnumerable<(int Version, string Name)> Versions(string metadata)
    {
        foreach (string file in Directory.EnumerateFiles(metadata))
        {
            if (NamePattern().Match(Path.GetFileName(file)) is { Success: true } match
                && int.TryParse(match.Groups["number"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int version))
            {
                yield return (version, Path.GetFileName(file));
            }
        }
    }

    private static byte[] Decompress(byte[] content, TableFolder folder, string name)
    {
        try
        {
            using GZipStream gzip = new(new MemoryStream(content, writable: false), CompressionMode.Decompress);
            using MemoryStream json = new();
            gzip.CopyTo(json);
            return json.ToArray();
        }
        catch (InvalidDataException error)
        {
            throw folder.Refuse($"has the metadata file '{name}', which is damaged: {error.Message.TrimEnd('.')}. Restore it from a copy", error);
        }
    }

    /// <summary>Versions on a file system are <c>v12.metadata.json</c>, those of a catalog <c>00012-…uuid….metadata.json</c>.</summary>
    [GeneratedRegex(@"^(v(?<number>\d+)|(?<number>\d+)-[^.]+)(\.gz)?\.metadata\.json(\.gz)?$")]
    private static partial Regex NamePattern();
}
