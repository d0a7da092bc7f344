using Lambda.Events;
using Lambda.Events.Json;
using Lambda.Log;
using Lambda.Processing;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;
using Lambda.Views.Plans;

namespace Lambda.Testing.Layers;

/// <summary>What the batch layer has made of all records below a boundary, through the pipeline that the layer itself runs.</summary>
internal sealed class Generation
{
    private readonly Dictionary<(PartialLayout View, PartialKind Kind), PartialBatch> _partials = [];

    /// <param name="number">Its number.</param>
    /// <param name="plan">The stream.</param>
    /// <param name="log">Holds the records.</param>
    /// <param name="boundary">Per partition the first offset that does not count.</param>
    public Generation(long number, StreamPlan plan, DrivenLog log, Boundary boundary)
    {
        Number = number;
        Boundary = boundary;
        Repetitions repetitions = FindRepetitions(plan.Stream, log.Below(boundary));
        HistoryPipeline pipeline = new(plan);
        EventBatch events = Decode(plan.Stream, log.Below(boundary), plan.ViewAndCheckProjection, pipeline.Dictionary);
        RefusedByChecks = [.. pipeline.Process(events, repetitions.Found)
            .Where(refused => refused.By == RefusedBy.Check)
            .Select(refused => (new LogPosition(events.Partitions[refused.Row], events.Offsets[refused.Row]), refused))];
        Events = events.Count;
        RepetitionCount = repetitions.Found.Count;
        for (int view = 0; view < plan.Views.Count; view++)
        {
            foreach (PartialKind kind in Enum.GetValues<PartialKind>())
            {
                _partials.Add((plan.Stream.Views[view].Layout, kind), pipeline.Partials.Export(kind, view));
            }
        }
    }

    /// <summary>Its number.</summary>
    public long Number { get; }

    /// <summary>Per partition the first offset that it does not cover.</summary>
    public Boundary Boundary { get; }

    /// <summary>How many events could be decoded.</summary>
    public int Events { get; }

    /// <summary>How many of them are repetitions.</summary>
    public int RepetitionCount { get; }

    /// <summary>The events that a row check refuses.</summary>
    public IReadOnlyList<(LogPosition Position, RefusedEvent Refused)> RefusedByChecks { get; }

    /// <summary>The partials of a view and a kind.</summary>
    public PartialBatch Read(ViewDefinition view, PartialKind kind) => _partials[(view.Layout, kind)];

    private static Repetitions FindRepetitions(StreamDefinition stream, IEnumerable<DrivenRecord> records)
    {
        Repetitions repetitions = new();
        if (stream.EventId is { } id)
        {
            EventIdentities identities = new(id, stream.Schema);
            repetitions.Add(Decode(stream, records, identities.Projection, new StringDictionary()), identities);
        }

        return repetitions;
    }

    /// <summary>The good records; the speed layer has quarantined the others.</summary>
    private static EventBatch Decode(StreamDefinition stream, IEnumerable<DrivenRecord> records, Projection projection, StringDictionary dictionary)
    {
        JsonEventDecoder decoder = new(DecodeRules.Of(stream), projection);
        EventBatch events = new(projection, dictionary);
        foreach (DrivenRecord record in records)
        {
            decoder.Decode(record.Value, record.Position.Partition, record.Position.Offset, record.AppendedAt, events);
        }

        return events;
    }
}
