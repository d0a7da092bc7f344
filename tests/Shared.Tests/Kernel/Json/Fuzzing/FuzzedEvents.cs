using Lambda.Events;

namespace Lambda.Tests.Kernel.Json.Fuzzing;

internal sealed record Tick(DateTimeOffset T);

internal sealed record Trip(string Id, DateTime Date, long Delay, long Distance, string Origin, string Destination);

internal sealed record Reading(
    string First, DateTimeOffset At, int Count, double Level, decimal Price, bool Flag, long Large, string? A_member_with_quite_a_long_name, string Last);

internal sealed record Sparse(
    DateTime At, double? A, decimal? B, long? C, int? D, bool? E, string? F, DateTimeOffset? G, string? H, string? Größe, string? Id);

internal sealed record Wide(
    DateTime At, int A0, int A1, int A2, int A3, int A4, int A5, int A6, int A7, int A8, long B0, long B1, long B2, long B3, long B4, long B5, string C0,
    string C1, string C2, string C3, string C4, string? D0, string? D1, string? D2, string? D3, string? D4, double E0, double E1, double E2, double? E3,
    double? E4, bool F0, bool F1, bool F2, decimal G0, decimal? G1, DateTime H0, DateTime? H1, DateTimeOffset H2, string Last);

/// <summary>An event type whose records are fuzzed, and which of its members has the event time and, if any, the id.</summary>
internal sealed record FuzzedEvent(EventSchema Schema, EventMember Time, EventMember? Id)
{
    public static IReadOnlyList<FuzzedEvent> All { get; } =
    [
        Of<Tick>(nameof(Tick.T), null),
        Of<Trip>(nameof(Trip.Date), nameof(Trip.Id)),
        Of<Reading>(nameof(Reading.At), nameof(Reading.First)),
        Of<Sparse>(nameof(Sparse.At), nameof(Sparse.Id)),
        Of<Wide>(nameof(Wide.At), nameof(Wide.C2)),
        Of<Sample>(nameof(Sample.Time), nameof(Sample.Id)),
    ];

    private static FuzzedEvent Of<T>(string time, string? id)
    {
        var schema = EventSchema.Of(typeof(T));
        return new FuzzedEvent(schema, schema.Find(time)!, id is null ? null : schema.Find(id));
    }
}
