using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Lambda.Batch.ForeignTables.Hudi;

/// <summary>The settings of a Hudi table, which say how its other metadata are kept.</summary>
internal sealed partial class HudiProperties
{
    /// <summary>The folder of metadata.</summary>
    public const string Folder = ".hoodie";

    private const string FileName = $"{Folder}/hoodie.properties";
    private const int VersionWithoutCompletionTimes = 6;
    private const int VersionWithCompletionTimes = 9;

    private readonly Dictionary<string, string> _values;

    private HudiProperties(Dictionary<string, string> values) => _values = values;

    /// <summary>Whether the timeline tells when instants were completed, and lies in a folder of its own, as Avro.</summary>
    public bool HasCompletionTimes => this["hoodie.table.version"] == "9";

    /// <summary>Whether instants are in UTC.</summary>
    public bool IsInUtc => string.Equals(this["hoodie.table.timeline.timezone"], "UTC", StringComparison.OrdinalIgnoreCase);

    /// <summary>The schema that the table was made with; null when it is not told.</summary>
    public string? Schema => this["hoodie.table.create.schema"];

    /// <summary>The names of all settings.</summary>
    public IEnumerable<string> Names => _values.Keys;

    /// <summary>A setting; null when it is not told.</summary>
    public string? this[string name] => _values.GetValueOrDefault(name);

    /// <summary>Reads the settings, and refuses a table that needs what is not there.</summary>
    public static async Task<HudiProperties> ReadAsync(TableFolder folder, CancellationToken cancellationToken)
    {
        string text = Encoding.UTF8.GetString(await folder.ReadAsync(FileName, "file of properties", cancellationToken).ConfigureAwait(false));
        HudiProperties properties = new(Parse(text));
        if (properties["hoodie.table.version"] is not { } version || properties["hoodie.table.type"] is not { } type)
        {
            throw folder.Refuse($"has a file '{FileName}' that tells neither version nor type of the table. Restore it from a copy");
        }

        string? unsupported = version is not ("6" or "9") ? $"the table version {version}"
            : type is not ("COPY_ON_WRITE" or "MERGE_ON_READ") ? $"the table type {type}"
            : properties["hoodie.table.format"] is { } format and not "native" ? $"the table format {format}"
            : properties["hoodie.table.base.file.format"] is { } files and not "PARQUET" ? $"base files in the format {files}"
            : properties.Is("hoodie.datasource.write.drop.partition.columns") ? "partition columns that its files do not have (hoodie.datasource.write.drop.partition.columns)"
            : properties["hoodie.bootstrap.base.path"] is { Length: > 0 } path ? $"files of the table '{path}' that it was bootstrapped from"
            : Directory.Exists(Path.Combine(folder.Path, Folder, ".schema")) ? "a schema that evolves by ids (hoodie.schema.on.read)"
            : null;
        return unsupported is null
            ? properties
            : throw folder.Unsupported(
                unsupported, $"Tables of the versions {VersionWithoutCompletionTimes} and {VersionWithCompletionTimes} with Parquet files are; have the engine write one.");
    }

    private bool Is(string name) => string.Equals(this[name], "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads lines of names and values as Java writes them, in which a backslash takes its meaning from the character behind it.</summary>
    private static Dictionary<string, string> Parse(string text)
    {
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        foreach (string line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (line[0] is not ('#' or '!') && equals > 0)
            {
                values[line[..equals]] = EscapePattern().Replace(line[(equals + 1)..], Meant);
            }
        }

        return values;
    }

    private static string Meant(Match escape) => escape.Groups["code"] is { Success: true } code
        ? ((char)int.Parse(code.ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString()
        : escape.Groups["letter"].Value switch
        {
            "t" => "\t",
            "n" => "\n",
            "r" => "\r",
            "f" => "\f",
            var other => other,
        };

    /// <summary>Letters beyond ASCII are written by their numbers.</summary>
    [GeneratedRegex(@"\\(u(?<code>[0-9A-Fa-f]{4})|(?<letter>.))")]
    private static partial Regex EscapePattern();
}
