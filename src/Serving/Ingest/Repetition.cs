using Lambda.Events;
using Lambda.Events.Json;
using Lambda.Processing;
using Lambda.Views;

namespace Lambda.Serving.Ingest;

/// <summary>Tells whether two records are one event: whether they have one event id and one event time.</summary>
internal static class Repetition
{
    /// <summary>Looks at two records; those of a stream without event ids are never one event, nor are ones that cannot be decoded.</summary>
    public static bool Is(StreamDefinition stream, ReadOnlySpan<byte> record, ReadOnlySpan<byte> earlier, long now)
    {
        if (stream.EventId is not { } member)
        {
            return false;
        }

        EventIdentities identities = new(member, stream.Schema);
        JsonEventDecoder decoder = new(DecodeRules.Of(stream), identities.Projection);
        EventBatch events = new(identities.Projection, new StringDictionary());
        if (decoder.Decode(record, partition: 0, offset: 0, now, events) is not null || decoder.Decode(earlier, partition: 0, offset: 1, now, events) is not null)
        {
            return false;
        }

        Span<byte> first = stackalloc byte[EventIdentities.BufferSize];
        Span<byte> second = stackalloc byte[EventIdentities.BufferSize];
        return events.EventTimes[0] == events.EventTimes[1]
            && identities.TryRead(events, 0, first, out ReadOnlySpan<byte> id) && identities.TryRead(events, 1, second, out ReadOnlySpan<byte> other)
            && id.SequenceEqual(other);
    }
}
