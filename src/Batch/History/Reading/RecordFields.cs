namespace Lambda.Batch.History.Reading;

/// <summary>What rows carry beside members of the event.</summary>
[Flags]
internal enum RecordFields
{
    /// <summary>Nothing: what a batch has of it says nothing.</summary>
    None = 0,

    /// <summary>Partition and offset.</summary>
    Position = 1,

    /// <summary>When the log took it.</summary>
    AppendTime = 2,

    /// <summary>When it happened, also where that is no member that is asked for.</summary>
    EventTime = 4,

    /// <summary>All of it.</summary>
    All = Position | AppendTime | EventTime,
}
