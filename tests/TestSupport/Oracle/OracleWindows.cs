namespace Lambda.TestSupport.Oracle;

/// <summary>A form of windows: the rule by which events of one key make up windows. One strategy per form, each in a file of its own.</summary>
public abstract class OracleWindows
{
    /// <summary>
    /// The windows of one key with the events that are wanted of each; windows of which none is wanted are left out, or empty. Of the events only
    /// those are members that count (<see cref="OracleOccurrence.IsMember"/>); the others are there for what they make of later ones.
    /// </summary>
    /// <param name="events">The events of the key in no particular order.</param>
    /// <param name="lateness">How long after the watermark has passed its end a window still takes events, in microseconds.</param>
    /// <param name="wanted">Which events are wanted.</param>
    public abstract IEnumerable<OracleGroup> Group(IReadOnlyList<OracleOccurrence> events, long lateness, OracleWanted wanted);
}

/// <summary>Which events of a window are wanted.</summary>
public enum OracleWanted
{
    /// <summary>Those that the window took.</summary>
    Accepted,

    /// <summary>Those that it refused.</summary>
    Late,

    /// <summary>Both.</summary>
    All,
}

/// <summary>What windows see of an event.</summary>
public class OracleOccurrence
{
    /// <summary>The event time in microseconds.</summary>
    public required long Time { get; init; }

    /// <summary>The partition of the log.</summary>
    public required int Partition { get; init; }

    /// <summary>The offset within it.</summary>
    public required long Offset { get; init; }

    /// <summary>The watermark of its partition before it; null when there is none yet, or when nothing is late because the batch layer reads it.</summary>
    public long? Watermark { get; init; }

    /// <summary>Which layer has it.</summary>
    public required OracleLayer Layer { get; init; }

    /// <summary>Whether it counts in windows.</summary>
    public bool IsMember => Layer != OracleLayer.SpeedBelowBoundary;
}

/// <summary>Who has read an event, of those that go into one answer.</summary>
public enum OracleLayer
{
    /// <summary>The batch layer.</summary>
    Batch,

    /// <summary>The speed layer, and the batch layer as well, so that only the latter's counts. The same record can be there of either.</summary>
    SpeedBelowBoundary,

    /// <summary>The speed layer alone.</summary>
    Speed,
}

/// <summary>A window of one key.</summary>
/// <param name="Start">Its first instant, in microseconds.</param>
/// <param name="End">The first instant after it.</param>
/// <param name="Members">Its events.</param>
public sealed record OracleGroup(long Start, long End, IReadOnlyList<OracleOccurrence> Members);
