namespace Lambda.Capture;

/// <summary>Why an event was dropped.</summary>
public enum EventDropReason
{
    /// <summary>The buffer was full: the sink, or the disk, did not keep up.</summary>
    BufferFull,

    /// <summary>The buffer was full and the spill folder had reached its limit.</summary>
    SpillFull,

    /// <summary>The event is larger than <see cref="EventCaptureLimits.MaxEventBytes"/>.</summary>
    TooLarge,

    /// <summary>The sink will never take it.</summary>
    Refused,

    /// <summary>The application stopped before the event could be sent.</summary>
    Stopped,
}
