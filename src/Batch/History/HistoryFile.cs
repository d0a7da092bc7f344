using System.Globalization;
using System.Text.Json;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Files;
using Lambda.Batch.History.Reading;
using Lambda.Log;
using Lambda.Time;

namespace Lambda.Batch.History;

/// <summary>A data file of a history, with what the table's log tells about its rows. Bounds that are unknown are as wide as can be.</summary>
internal sealed class HistoryFile
{
    private readonly ColumnBounds _bounds = new();

    private HistoryFile(AddFile action, string? date)
    {
        Action = action;
        Date = date;
        Day = EventDate.TryRead(date);
    }

    /// <summary>The log's own words.</summary>
    public AddFile Action { get; }

    /// <summary>The date of its rows; null when the path has none.</summary>
    public string? Date { get; }

    /// <summary>The same; null when it is no date.</summary>
    public DateOnly? Day { get; }

    /// <summary>How many rows it has; null when unknown.</summary>
    public long? Rows { get; private init; }

    /// <summary>Its rows' event times lie in [<see cref="FirstTime"/>, <see cref="LastTime"/>].</summary>
    public long FirstTime { get; private init; } = long.MinValue;

    /// <inheritdoc cref="FirstTime"/>
    public long LastTime { get; private init; } = long.MaxValue;

    /// <summary>By partition; null in files of other programs and of earlier versions, of which <see cref="OffsetBounds"/> tell something.</summary>
    private FileOffsets? Offsets { get; init; }

    /// <summary>Its rows' partitions and offsets lie within, each for itself.</summary>
    private (int FirstPartition, int LastPartition, OffsetRange Offsets) OffsetBounds { get; init; } = (0, int.MaxValue, new OffsetRange(0, long.MaxValue));

    /// <summary>Where its rows of a partition lie, which may be less; null when it has none.</summary>
    public OffsetRange? OffsetsIn(int partition)
    {
        if (Offsets is not null)
        {
            return Offsets.In(partition);
        }

        (int first, int last, OffsetRange offsets) = OffsetBounds;
        return partition >= first && partition <= last ? offsets : null;
    }

    /// <summary>Whether it is certain that its rows lie at or above some offsets and below others, both by partition, and in no other partition.</summary>
    public bool LiesWithin(ReadOnlySpan<long> starts, ReadOnlySpan<long> ends) => Offsets?.LieWithin(starts, ends) == true;

    /// <summary>Whether it may have a row with one of the values that are looked for in each of some members.</summary>
    public bool MayHold(IReadOnlyList<SoughtValues> values)
    {
        foreach (SoughtValues sought in values)
        {
            if (Action.StatsJson is { } stats && !_bounds.MayHold(stats, sought))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Reads what the log tells about a file.</summary>
    /// <param name="action">The log's words.</param>
    /// <param name="eventTime">The column of the event time.</param>
    public static HistoryFile From(AddFile action, string eventTime)
    {
        string? date = action.PartitionValues.GetValueOrDefault(TableSchema.DateColumn);
        FileOffsets? offsets = action.Tags.TryGetValue(FileOffsets.Tag, out string? tag) && FileOffsets.TryParse(tag, out FileOffsets? told) ? told : null;
        if (action.StatsJson is not { } json)
        {
            return new HistoryFile(action, date) { Offsets = offsets };
        }

        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement stats = document.RootElement;
        JsonElement min = stats.TryGetProperty("minValues", out JsonElement found) ? found : default;
        JsonElement max = stats.TryGetProperty("maxValues", out found) ? found : default;
        return new HistoryFile(action, date)
        {
            Rows = stats.TryGetProperty("numRecords", out found) ? found.GetInt64() : null,
            FirstTime = Instant(min, eventTime) ?? long.MinValue,
            LastTime = Instant(max, eventTime) is { } last ? last + Looseness(max, eventTime) : long.MaxValue,
            Offsets = offsets,
            OffsetBounds = (
                (int)(Number(min, HistorySchema.Partition.Name) ?? 0),
                (int)(Number(max, HistorySchema.Partition.Name) ?? int.MaxValue),
                new OffsetRange(
                    Number(min, HistorySchema.Offset.Name) ?? 0,
                    Number(max, HistorySchema.Offset.Name) is { } greatest and < long.MaxValue ? greatest + 1 : long.MaxValue)),
        };
    }

    private static long? Number(JsonElement values, string name) =>
        values.ValueKind == JsonValueKind.Object && values.TryGetProperty(name, out JsonElement value) && value.TryGetInt64(out long number)
            ? number
            : null;

    private static long? Instant(JsonElement values, string name) =>
        Text(values, name) is { } text && DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset instant)
            ? UtcMicroseconds.From(instant)
            : null;

    /// <summary>Other engines cut the maximum to milliseconds; all six digits are only written by ones that do not cut.</summary>
    private static long Looseness(JsonElement values, string name) => Text(values, name) is { } text && FractionDigits(text) >= 6 ? 0 : 999;

    /// <summary>How many digits a time has behind the point; a zone may follow.</summary>
    private static int FractionDigits(string time)
    {
        ReadOnlySpan<char> fraction = time.AsSpan(time.LastIndexOf('.') + 1);
        return fraction.Length == time.Length ? 0 : fraction.Length - fraction.TrimStart("0123456789").Length;
    }

    private static string? Text(JsonElement values, string name) =>
        values.ValueKind == JsonValueKind.Object && values.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
