using Lambda.Events;

namespace Lambda.Batch.History;

/// <summary>Events to append, with what their JSON has beyond the event type.</summary>
/// <param name="Events">The events, with every member of the type.</param>
/// <param name="Extra">Per row a JSON object of the unknown members, or null; null when no row has any.</param>
internal sealed record HistoryBatch(EventBatch Events, TextColumn? Extra = null)
{
    private static readonly EventMember ExtraMember = EventSchema.Of(typeof(Unknown)).Members[0];

    /// <summary>An empty column for <see cref="Extra"/>.</summary>
    public static TextColumn CreateExtra() => new(ExtraMember);

    private sealed record Unknown(string? Members);
}
