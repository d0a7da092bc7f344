using System.Collections.Concurrent;
using System.Threading.Channels;
using Lambda.Log;
using Lambda.Log.Kafka;
using Lambda.Log.Kafka.Groups;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lambda.Tests.Log.Kafka;

/// <summary>A member of a group that notes what it is told, and shares with others a list of who owns what.</summary>
internal sealed class GroupMember : IPartitionGroupMember, IAsyncDisposable
{
    private readonly ConcurrentDictionary<StreamPartition, GroupMember> _owners;
    private readonly KafkaPartitionGroup _group;
    private readonly CancellationTokenSource _leave = new();
    private readonly Channel<int> _changes = Channel.CreateUnbounded<int>();
    private readonly HashSet<StreamPartition> _own = [];
    private Task _running = Task.CompletedTask;

    private GroupMember(KafkaOptions options, ConcurrentDictionary<StreamPartition, GroupMember> owners, ISeats? seats, TimeProvider time)
    {
        _owners = owners;
        _group = new KafkaPartitionGroup(options, time, NullLogger.Instance, seats);
    }

    /// <summary>What went wrong with who owns what.</summary>
    public ConcurrentQueue<string> Violations { get; } = new();

    /// <summary>How many partitions were lost.</summary>
    public int Lost { get; private set; }

    /// <summary>Runs while partitions are given back, before the group hears of it.</summary>
    public Func<CancellationToken, Task> Draining { get; set; } = _ => Task.CompletedTask;

    public static GroupMember Join(
        KafkaOptions options, ConcurrentDictionary<StreamPartition, GroupMember> owners, IReadOnlyList<string> streams, Func<CancellationToken, Task>? draining = null,
        ISeats? seats = null, TimeProvider? time = null)
    {
        var member = new GroupMember(options, owners, seats, time ?? TimeProvider.System);
        member.Draining = draining ?? member.Draining;
        member._running = member._group.RunAsync(streams, member, member._leave.Token);
        return member;
    }

    /// <summary>Completes when it has that many partitions.</summary>
    public async Task HasAsync(int partitions, CancellationToken cancellationToken)
    {
        while (Count() != partitions)
        {
            Task<bool> change = _changes.Reader.WaitToReadAsync(cancellationToken).AsTask();
            if (await Task.WhenAny(change, _running) == _running)
            {
                await _running;
                throw new InvalidOperationException("The member has left.");
            }

            await change;
            _changes.Reader.TryRead(out _);
        }
    }

    public void ReportCommitted(StreamPartition partition, long offset) => _group.ReportCommitted(partition, offset);

    public async Task LeaveAsync()
    {
        await _leave.CancelAsync();
        await _running;
    }

    public ValueTask AssignAsync(IReadOnlyList<StreamPartition> partitions, CancellationToken cancellationToken)
    {
        foreach (StreamPartition partition in partitions)
        {
            if (!_owners.TryAdd(partition, this))
            {
                Violations.Enqueue($"{partition} was given away while another had it.");
            }
        }

        return Change(own => own.UnionWith(partitions));
    }

    public async ValueTask RevokeAsync(IReadOnlyList<StreamPartition> partitions, CancellationToken cancellationToken)
    {
        await Draining(cancellationToken);
        await TakeBackAsync(partitions);
    }

    public ValueTask LoseAsync(IReadOnlyList<StreamPartition> partitions, CancellationToken cancellationToken)
    {
        Lost += partitions.Count;
        return TakeBackAsync(partitions);
    }

    public async ValueTask DisposeAsync()
    {
        await LeaveAsync();
        _leave.Dispose();
        await _group.DisposeAsync();
    }

    private ValueTask TakeBackAsync(IReadOnlyList<StreamPartition> partitions)
    {
        foreach (StreamPartition partition in partitions)
        {
            if (!_owners.TryRemove(KeyValuePair.Create(partition, this)))
            {
                Violations.Enqueue($"{partition} was taken back though it was not its.");
            }
        }

        return Change(own => own.ExceptWith(partitions));
    }

    private ValueTask Change(Action<HashSet<StreamPartition>> change)
    {
        lock (_own)
        {
            change(_own);
        }

        _changes.Writer.TryWrite(0);
        return ValueTask.CompletedTask;
    }

    private int Count()
    {
        lock (_own)
        {
            return _own.Count;
        }
    }
}
