using System.Threading.Channels;
using Lambda.Log;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Lambda.Tests.Log;

/// <summary>The group of a process that computes alone, over a log that gets partitions.</summary>
public sealed class SoleMemberGroupTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Partitions_that_are_added_are_given_once_and_all_are_taken_back_at_the_end()
    {
        FakeTimeProvider time = new();
        GrowingLog log = new();
        Member member = new();
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        await using SoleMemberGroup group = new(log, time);
        Task running = group.RunAsync(["a", "b"], member, end.Token);
        Assert.Equal("+a/0 a/1 b/0 b/1", await member.NextAsync());

        log.Partitions["b"] = 4;
        log.IsSilent = true;
        await LookAsync(log, time);
        log.IsSilent = false;
        await LookAsync(log, time);
        Assert.Equal("+b/2 b/3", await member.NextAsync());
        await LookAsync(log, time);
        await end.CancelAsync();
        await running;
        Assert.Equal("-a/0 a/1 b/0 b/1 b/2 b/3", await member.NextAsync());
    }

    /// <summary>Has time go on until the group has looked at both streams again.</summary>
    private static async Task LookAsync(GrowingLog log, FakeTimeProvider time)
    {
        int before = log.Counted;
        while (log.Counted < before + 2)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }

    private sealed class Member : IPartitionGroupMember
    {
        private readonly Channel<string> _told = Channel.CreateUnbounded<string>();

        public async Task<string> NextAsync() => await _told.Reader.ReadAsync(Cancel);

        public ValueTask AssignAsync(IReadOnlyList<StreamPartition> partitions, CancellationToken cancellationToken) => TellAsync('+', partitions);

        public ValueTask RevokeAsync(IReadOnlyList<StreamPartition> partitions, CancellationToken cancellationToken) => TellAsync('-', partitions);

        public ValueTask LoseAsync(IReadOnlyList<StreamPartition> partitions, CancellationToken cancellationToken) => throw new NotSupportedException();

        private ValueTask TellAsync(char sign, IReadOnlyList<StreamPartition> partitions) =>
            _told.Writer.WriteAsync(sign + string.Join(' ', partitions.Select(partition => $"{partition.Stream}/{partition.Partition}")), Cancel);
    }

    private sealed class GrowingLog : IEventLog
    {
        private int _counted;

        public Dictionary<string, int> Partitions { get; } = new() { ["a"] = 2, ["b"] = 2 };

        public bool IsSilent { get; set; }

        public int Counted => Volatile.Read(ref _counted);

        public ValueTask<int> EnsureStreamAsync(string stream, int partitions, CancellationToken cancellationToken) => new(Partitions[stream]);

        public ValueTask<int> CountPartitionsAsync(string stream, CancellationToken cancellationToken)
        {
            int partitions = Partitions[stream];
            bool isSilent = IsSilent;
            Interlocked.Increment(ref _counted);
            return isSilent ? throw new EventLogException("The log does not answer.") : new ValueTask<int>(partitions);
        }

        public ValueTask AppendAsync(string stream, RecordBatch records, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask ReadAsync(string stream, int partition, long offset, RecordBatch destination, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask WaitAsync(string stream, int partition, long offset, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<OffsetRange> GetOffsetsAsync(string stream, int partition, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<long> FindOffsetAsync(string stream, int partition, DateTimeOffset time, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask TrimAsync(string stream, int partition, long before, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
