using System.Globalization;
using System.Text.RegularExpressions;

namespace Lambda.Batch.ForeignTables.Hudi;

/// <summary>A file of a file group, by what its name tells.</summary>
/// <param name="Partition">The folder, relative to the table.</param>
/// <param name="Group">The file group.</param>
/// <param name="Time">The write that it is of; with a log in table version 6, that of the file it belongs to.</param>
/// <param name="Path">The file, relative to the table.</param>
/// <param name="IsLog">Whether it is a log of changes.</param>
internal sealed partial record HudiFile(string Partition, string Group, string Time, string Path, bool IsLog)
{
    /// <summary>The place of a log among those of the same group and time.</summary>
    public (long Version, string Token) Number { get; private init; } = (0, "");

    /// <summary>The files in all partitions.</summary>
    public static IEnumerable<HudiFile> List(TableFolder folder)
    {
        EnumerationOptions all = new() { AttributesToSkip = FileAttributes.None, RecurseSubdirectories = true };
        foreach (string path in Directory.EnumerateFiles(folder.Path, "*", all))
        {
            string relative = System.IO.Path.GetRelativePath(folder.Path, path);
            if (relative.StartsWith(HudiProperties.Folder + System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal))
            {
                continue;
            }

            if (Find(relative) is { } file)
            {
                yield return file;
            }
        }
    }

    /// <summary>What a name tells; null when it is not of a file group.</summary>
    /// <param name="path">The file, relative to the table.</param>
    public static HudiFile? Find(string path)
    {
        string partition = System.IO.Path.GetDirectoryName(path)!;
        string name = System.IO.Path.GetFileName(path);
        return BasePattern().Match(name) is { Success: true } whole
                ? new HudiFile(partition, whole.Groups["group"].Value, whole.Groups["time"].Value, path, IsLog: false)
            : LogPattern().Match(name) is { Success: true } log
                ? new HudiFile(partition, log.Groups["group"].Value, log.Groups["time"].Value, path, IsLog: true)
                {
                    Number = (long.Parse(log.Groups["version"].Value, CultureInfo.InvariantCulture), log.Groups["token"].Value),
                }
            : null;
    }

    [GeneratedRegex(@"^(?<group>[^_.][^_]*)_[^_]+_(?<time>\d{14}(\d{3})?)\.parquet$")]
    private static partial Regex BasePattern();

    /// <summary>Logs of what changed for those who follow changes end in <c>.cdc</c>; the rows do not need them.</summary>
    [GeneratedRegex(@"^\.(?<group>[^_]+)_(?<time>\d{14}(\d{3})?)\.log\.(?<version>\d{1,18})(_(?<token>[^.]+))?$")]
    private static partial Regex LogPattern();
}
