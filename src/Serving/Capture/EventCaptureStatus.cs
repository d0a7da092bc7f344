namespace Lambda.Capture;

/// <summary>What became of the events of a capture since the process started, at one moment.</summary>
/// <remarks>
/// <see cref="Captured"/> + <see cref="Recovered"/> = <see cref="Sent"/> + all <see cref="Dropped"/> + <see cref="Buffered"/> + <see cref="Spilled"/> when
/// nothing is on its way between two of them; what is, is counted twice rather than not at all. Events that are sent again, as their sink failed after it had taken them, count once.
/// </remarks>
public sealed record EventCaptureStatus
{
    /// <summary>The stream that events go to.</summary>
    public required string Stream { get; init; }

    /// <summary>Events made of requests, dropped ones included.</summary>
    public required long Captured { get; init; }

    /// <summary>Events that an earlier process had spilled and this one found.</summary>
    public required long Recovered { get; init; }

    /// <summary>Events that the sink has acknowledged.</summary>
    public required long Sent { get; init; }

    /// <summary>Events lost, by reason; only reasons that occurred.</summary>
    public required IReadOnlyDictionary<EventDropReason, long> Dropped { get; init; }

    /// <summary>Events that wait in memory, those in the hands of the sink included.</summary>
    public required long Buffered { get; init; }

    /// <summary>Events that wait on disk.</summary>
    public required long Spilled { get; init; }

    /// <summary>How many bytes the spill folder takes on disk.</summary>
    public required long SpilledBytes { get; init; }

    /// <summary>Whether the spill folder is at its limit: events wait in memory until the sink has taken some, and are dropped when that is full as well.</summary>
    public required bool IsSpillFull { get; init; }

    /// <summary>Requests whose event could not be made because a delegate of the application threw or its result is no JSON.</summary>
    public required long Failures { get; init; }

    /// <summary>Attempts to send that failed; their events wait and are sent again.</summary>
    public required long FailedSends { get; init; }

    /// <summary>Why the last attempt to send failed; null since one has succeeded.</summary>
    public required string? SinkError { get; init; }

    /// <summary>Why the spill folder could not be used the last time; null since it could.</summary>
    public required string? SpillError { get; init; }
}
