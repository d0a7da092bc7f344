using System.Globalization;
using System.Text;

namespace Lambda.Batch.History.Delta;

/// <summary>How Delta names commits, folders of partitions and files.</summary>
internal static class DeltaPaths
{
    public const string LogFolder = "_delta_log";

    /// <summary>The file, relative to the log folder, that points other readers to the newest checkpoint; this one lists the folder.</summary>
    public const string LastCheckpoint = "_last_checkpoint";

    /// <summary>The folder, in that of the log, of files that checkpoints of the newer form are split into.</summary>
    public const string SidecarFolder = "_sidecars";

    /// <summary>The folder of rows whose partition value is null.</summary>
    private const string NullPartition = "__HIVE_DEFAULT_PARTITION__";

    /// <summary>Characters that have a meaning in paths on one of the systems tables lie on; Hive's list.</summary>
    private const string EscapedInFolders = "\"#%'*/:=?\\\u007F{[]^";

    /// <summary>The name of a commit, relative to the table.</summary>
    public static string Commit(long version) => string.Create(CultureInfo.InvariantCulture, $"{LogFolder}/{version:D20}.json");

    /// <summary>The name of a checkpoint in one part, relative to the log folder.</summary>
    public static string Checkpoint(long version) => string.Create(CultureInfo.InvariantCulture, $"{version:D20}.checkpoint.parquet");

    /// <summary>The folder of a partition.</summary>
    public static string PartitionFolder(string column, string? value) =>
        $"{EscapeFolder(column)}={(string.IsNullOrEmpty(value) ? NullPartition : EscapeFolder(value))}";

    /// <summary>The path of a file as actions hold it.</summary>
    public static string Encode(string relativeName) =>
        string.Join('/', relativeName.Split('/').Select(part => Uri.EscapeDataString(part).Replace("%3D", "=", StringComparison.Ordinal)));

    /// <summary>The name of a file, relative to the table, from the path of an action.</summary>
    /// <exception cref="HistoryException">The path leads out of the table's folder.</exception>
    public static string Decode(string path)
    {
        string name = Uri.UnescapeDataString(path);
        if (name.StartsWith('/') || name.Split('/').Contains("..") || path.Contains("://", StringComparison.Ordinal)
            || path.StartsWith("file:", StringComparison.Ordinal))
        {
            throw new HistoryException(
                $"The table's log names the file '{path}', which lies outside of the table's folder (a shallow clone?). That is not supported; "
                + "copy the table whole.");
        }

        return name;
    }

    private static string EscapeFolder(string text)
    {
        StringBuilder escaped = new(text.Length);
        foreach (char c in text)
        {
            if (c < ' ' || EscapedInFolders.Contains(c, StringComparison.Ordinal))
            {
                escaped.Append(CultureInfo.InvariantCulture, $"%{(int)c:X2}");
            }
            else
            {
                escaped.Append(c);
            }
        }

        return escaped.ToString();
    }
}
