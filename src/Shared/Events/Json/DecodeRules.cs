using Lambda.Time;
using Lambda.Views;

namespace Lambda.Events.Json;

/// <summary>What makes a record good, beyond the types of its members. The same for all layers, so that they take the same records.</summary>
/// <param name="EventTime">The member that must hold the event time.</param>
/// <param name="EventId">The member that must not be null because it identifies the event; null when there is none.</param>
/// <param name="MaxFutureSkew">By how many microseconds the event time may be ahead of the record's append time.</param>
internal sealed record DecodeRules(EventMember EventTime, EventMember? EventId, long MaxFutureSkew)
{
    /// <summary>The rules of a stream.</summary>
    public static DecodeRules Of(StreamDefinition stream) =>
        new(stream.EventTime, stream.EventId, UtcMicroseconds.From(stream.MaxFutureSkew));
}
