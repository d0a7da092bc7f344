namespace Lambda.Events;

/// <summary>Why an event is not counted.</summary>
public enum RejectReason
{
    /// <summary>The bytes are not a JSON object, or are cut, too deep or not UTF-8.</summary>
    Malformed,

    /// <summary>A member has a value of another type than the event type says, or one out of its range.</summary>
    WrongType,

    /// <summary>A member that must be there is missing or null.</summary>
    MissingMember,

    /// <summary>The event time is missing, unreadable or outside of the years 1 to 9999.</summary>
    InvalidEventTime,

    /// <summary>The event time lies further ahead of the record's append time than the stream allows.</summary>
    FutureEventTime,

    /// <summary>An expression of a view or check threw an exception for this event.</summary>
    ExpressionFailed,

    /// <summary>The event failed a row check of the stream; only the batch layer applies them.</summary>
    CheckFailed,
}
