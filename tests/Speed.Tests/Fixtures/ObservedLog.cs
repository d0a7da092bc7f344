using Lambda.Log;

namespace Lambda.Speed.Tests.Fixtures;

/// <summary>A log whose reads and waits can be seen and disturbed.</summary>
internal sealed class ObservedLog(IEventLog inner) : DelegatingEventLog(inner)
{
    /// <summary>Reached each time a reader begins to wait: <see cref="Rest"/>.</summary>
    public Milestones Milestones { get; } = new();

    /// <summary>Called before each read with partition and offset; may throw.</summary>
    public Action<int, long> BeforeRead { get; set; } = (_, _) => { };

    /// <summary>Called with partition and offset when the log has given what it has, before the reader sees it.</summary>
    public Action<int, long> AfterRead { get; set; } = (_, _) => { };

    /// <summary>Called before each wait with partition and offset; may throw.</summary>
    public Action<int, long> BeforeWait { get; set; } = (_, _) => { };

    /// <summary>How many records the next read gives at most; as many as the reader takes when it is null.</summary>
    public Func<int>? ReadLimit { get; set; }

    /// <summary>Where every partition says to end; where it does when it is null.</summary>
    public long? End { get; set; }

    /// <summary>How much later all records were appended than they were, as those of a log are that was made anew.</summary>
    public TimeSpan? AppendedLaterBy { get; set; }

    /// <summary>Called when the log has told its offsets.</summary>
    public Action AfterGetOffsets { get; set; } = () => { };

    public static string Rest(long offset, int partition = 0) => $"rest {partition} {offset}";

    public override async ValueTask ReadAsync(string stream, int partition, long offset, RecordBatch destination, CancellationToken cancellationToken)
    {
        BeforeRead(partition, offset);
        await (ReadLimit is null
            ? Inner.ReadAsync(stream, partition, offset, destination, cancellationToken)
            : ReadSomeAsync(stream, partition, offset, destination, ReadLimit(), cancellationToken));
        if (AppendedLaterBy is { } later)
        {
            Postpone(destination, offset, later);
        }

        AfterRead(partition, offset);
    }

    public override ValueTask WaitAsync(string stream, int partition, long offset, CancellationToken cancellationToken)
    {
        BeforeWait(partition, offset);
        ValueTask wait = Inner.WaitAsync(stream, partition, offset, cancellationToken);
        Milestones.Reach(Rest(offset, partition));
        return wait;
    }

    public override async ValueTask<OffsetRange> GetOffsetsAsync(string stream, int partition, CancellationToken cancellationToken)
    {
        OffsetRange offsets = await Inner.GetOffsetsAsync(stream, partition, cancellationToken);
        offsets = End is { } end ? offsets with { End = end } : offsets;
        AfterGetOffsets();
        return offsets;
    }

    private static void Postpone(RecordBatch records, long offset, TimeSpan later)
    {
        using RecordBatch read = new(int.MaxValue, int.MaxValue);
        for (int i = 0; i < records.Count; i++)
        {
            read.Add(records.Offset(i), records.AppendedAt(i) + (later.Ticks / TimeSpan.TicksPerMicrosecond), records.Key(i), records.Value(i));
        }

        long next = records.NextOffset;
        records.BeginRead(offset);
        for (int i = 0; i < read.Count; i++)
        {
            records.Add(read.Offset(i), read.AppendedAt(i), read.Key(i), read.Value(i));
        }

        records.SkipTo(next);
    }

    private async ValueTask ReadSomeAsync(
        string stream, int partition, long offset, RecordBatch destination, int limit, CancellationToken cancellationToken)
    {
        using RecordBatch some = new(limit);
        await Inner.ReadAsync(stream, partition, offset, some, cancellationToken);
        destination.BeginRead(offset);
        for (int i = 0; i < some.Count; i++)
        {
            destination.Add(some.Offset(i), some.AppendedAt(i), some.Key(i), some.Value(i));
        }

        destination.SkipTo(some.NextOffset);
    }
}
