namespace Lambda.Batch.Tests.History;

/// <summary>An event with a member of every type, with and without null.</summary>
internal sealed record Reading(
    DateTime At,
    string Id,
    string? Place,
    bool Good,
    bool? MaybeGood,
    int Small,
    int? MaybeSmall,
    long Large,
    long? MaybeLarge,
    double Real,
    double? MaybeReal,
    decimal Price,
    decimal? MaybePrice,
    DateTime? Seen);

/// <summary>An event where it stands in the log.</summary>
internal sealed record Placed(int Partition, long Offset, long AppendedAt, Reading Event, string? Extra);
