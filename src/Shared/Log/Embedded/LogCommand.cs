namespace Lambda.Log.Embedded;

/// <summary>Something that the log's one writer does.</summary>
internal abstract class LogCommand;

/// <summary>A command that stands alone in its write.</summary>
internal abstract class LogCommand<T> : LogCommand
{
    public TaskCompletionSource<T> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

internal sealed class EnsureStreamCommand(string name, int partitions) : LogCommand<int>
{
    public string Name { get; } = name;

    public int Partitions { get; } = partitions;
}

internal sealed class TrimCommand(PartitionState partition, long before) : LogCommand<bool>
{
    public PartitionState Partition { get; } = partition;

    public long Before { get; } = before;
}
