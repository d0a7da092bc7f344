using Lambda.Time;

namespace Lambda.Store.Relational;

/// <summary>An edition as its row holds it. Rows of dropped ones stay, for their numbers.</summary>
internal sealed class EditionRow
{
    /// <summary>The columns of the row, named as the members are.</summary>
    public const string Columns =
        "stream, edition, state, views, archived_to AS ArchivedTo, started_at AS StartedAt, served_at AS ServedAt, left_at AS LeftAt";

    /// <summary>The state of an edition that is gone.</summary>
    public const string Dropped = "Dropped";

    public string Stream { get; init; } = "";

    public int Edition { get; init; }

    public string State { get; init; } = "";

    public string Views { get; init; } = "";

    public string? ArchivedTo { get; init; }

    public long StartedAt { get; init; }

    public long? ServedAt { get; init; }

    public long? LeftAt { get; init; }

    /// <summary>
    /// Whether it is not known since when it answers. The edition that began with the stream gets its row when the first other one is begun, and
    /// rows that programs of before wrote have it answer since then.
    /// </summary>
    private bool IsBeginUnknown => ArchivedTo is null && ServedAt == StartedAt;

    public EditionInfo ToInfo(IReadOnlyList<EditionProgress> partitions) => new(
        Stream,
        Edition,
        Enum.Parse<EditionState>(State),
        StoredJson.Read<Dictionary<string, string>>(Views),
        ArchivedTo is null ? null : StoredJson.ReadBoundary(ArchivedTo),
        UtcMicroseconds.ToDateTimeOffset(StartedAt),
        IsBeginUnknown ? null : Instant(ServedAt),
        Instant(LeftAt),
        partitions);

    private static DateTimeOffset? Instant(long? microseconds) => microseconds is { } given ? UtcMicroseconds.ToDateTimeOffset(given) : null;
}

/// <summary>A partition of an edition, for how far it has come.</summary>
internal sealed class LaneRow
{
    public string Lane { get; init; } = "";

    public int Partition { get; init; }

    public long Start { get; init; }

    public long NextOffset { get; init; }

    /// <summary>How far each edition of a stream has come, and how far it has to.</summary>
    public static IReadOnlyList<EditionInfo> Join(string stream, IEnumerable<EditionRow> editions, IEnumerable<LaneRow> partitions)
    {
        ILookup<string, LaneRow> lanes = partitions.OrderBy(row => row.Partition).ToLookup(row => row.Lane, StringComparer.Ordinal);
        long[] ends = [.. lanes[stream].Select(row => row.NextOffset)];
        return [.. editions.OrderBy(row => row.Edition).Select(row => row.ToInfo(
            [.. lanes[row.State == nameof(EditionState.Live) ? stream : EditionLane.Of(stream, row.Edition)]
                .Select(lane => new EditionProgress(lane.Partition, lane.Start, lane.NextOffset, ends[lane.Partition]))]))];
    }
}
