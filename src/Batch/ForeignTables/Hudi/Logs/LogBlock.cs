using System.Globalization;

namespace Lambda.Batch.ForeignTables.Hudi.Logs;

/// <summary>A block of a log, without its content.</summary>
/// <param name="File">The log.</param>
/// <param name="Offset">Where in it the block begins.</param>
internal sealed record LogBlock(HudiFile File, long Offset)
{
    public const int Command = 0;
    public const int Deletes = 1;
    public const int AvroRecords = 3;
    public const int HFileRecords = 4;
    public const int ParquetRecords = 5;
    public const int Images = 6;

    /// <summary>Numbers of rows in the whole file, one for each record, which spare those who look for rows by their keys nothing.</summary>
    public const int PositionsHeader = 5;

    private const int InstantHeader = 0;
    private const int TargetHeader = 1;
    private const int SchemaHeader = 2;
    private const int CommandHeader = 3;
    private const int CompactedHeader = 4;
    private const int PartialHeader = 7;
    private const int LastHeader = 8;

    /// <summary>What kind of block it is.</summary>
    public int Kind { get; init; }

    /// <summary>What it tells of itself.</summary>
    public IReadOnlyDictionary<int, string> Headers { get; init; } = new Dictionary<int, string>();

    /// <summary>Where in the log its content is.</summary>
    public (long Offset, int Length) Content { get; init; }

    /// <summary>Why it is not whole; null when it is.</summary>
    public string? Damage { get; init; }

    /// <summary>The write that it is of; null when that cannot be told.</summary>
    public string? Instant => Headers.GetValueOrDefault(InstantHeader);

    /// <summary>The write whose blocks a command takes back.</summary>
    public string? Target => Headers.GetValueOrDefault(TargetHeader);

    /// <summary>The schema of its records.</summary>
    public string? Schema => Headers.GetValueOrDefault(SchemaHeader);

    /// <summary>Whether it is a command to take back the blocks of a write, which is the only one there is.</summary>
    public bool IsRollback => Kind == Command && Headers.GetValueOrDefault(CommandHeader) == "0" && Target is not null;

    /// <summary>What it has that is not read, as a message names it; null when there is nothing.</summary>
    public string? Unread => Kind switch
    {
        Command when !IsRollback => "a command that is not known",
        HFileRecords => "a block in the format HFile",
        Images => "a block with images of rows before and after changes",
        not (Command or Deletes or AvroRecords or ParquetRecords) => string.Create(CultureInfo.InvariantCulture, $"a block of the kind {Kind}"),
        _ when Headers.ContainsKey(CompactedHeader) => "a block that other blocks were compacted into",
        _ when Headers.TryGetValue(PartialHeader, out string? partial) && !partial.Equals("false", StringComparison.OrdinalIgnoreCase) => "a block with only some of the columns of its rows",
        _ when Headers.Keys.FirstOrDefault(header => header is < InstantHeader or > LastHeader, InstantHeader) is not InstantHeader and var header =>
            string.Create(CultureInfo.InvariantCulture, $"a block with a header of the kind {header}"),
        _ => null,
    };

    /// <summary>Only where it is: what blocks tell of themselves is much where they are many.</summary>
    public LogBlock Bare => new(File, Offset);

    /// <summary>File and offset, as messages name it.</summary>
    public string Place => string.Create(CultureInfo.InvariantCulture, $"'{File.Path}' at offset {Offset}");
}
