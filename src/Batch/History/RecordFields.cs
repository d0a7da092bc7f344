namespace Lambda.Batch.History;

/// <summary>What rows carry of the log's record, beside the event time and members of the event.</summary>
[Flags]
internal enum RecordFields
{
    /// <summary>Nothing: what a batch has of it says nothing.</summary>
    None = 0,

    /// <summary>Partition and offset.</summary>
    Position = 1,

    /// <summary>When the log took it.</summary>
    AppendTime = 2,

    /// <summary>All of it.</summary>
    All = Position | AppendTime,
}
