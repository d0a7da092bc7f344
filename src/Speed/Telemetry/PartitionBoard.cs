using System.Collections.Concurrent;
using Lambda.Log;

namespace Lambda.Speed.Telemetry;

/// <summary>The partitions that this process has been given, and how far it is with each. Safe for use by several threads at once.</summary>
internal sealed class PartitionBoard(TimeProvider time)
{
    private readonly ConcurrentDictionary<StreamPartition, PartitionProgress> _partitions = [];
    private volatile bool _hasJoined;

    /// <summary>Whether this process has been told which partitions are its own, though they may be none.</summary>
    public bool HasJoined => _hasJoined;

    /// <summary>The partitions, in order.</summary>
    public IReadOnlyList<PartitionProgress> Partitions => [.. _partitions.Values
        .OrderBy(progress => progress.Stream, StringComparer.Ordinal).ThenBy(progress => progress.Partition)];

    /// <summary>Takes note that this process has been told what its partitions are.</summary>
    public void Join() => _hasJoined = true;

    /// <summary>Puts a partition on the board; what was there of it before is forgotten.</summary>
    public void Add(string stream, int partition) =>
        _partitions[new StreamPartition(stream, partition)] = new PartitionProgress(stream, partition, time);

    /// <summary>The progress of a partition, which is put on the board when it is not there.</summary>
    public PartitionProgress Follow(string stream, int partition) =>
        _partitions.GetOrAdd(new StreamPartition(stream, partition), _ => new PartitionProgress(stream, partition, time));

    /// <summary>The progress of a partition; null when it is not on the board.</summary>
    public PartitionProgress? Find(string stream, int partition) => _partitions.GetValueOrDefault(new StreamPartition(stream, partition));

    /// <summary>Refuses to append to a log that is not the one that was computed, so far as this process knows: what it takes is computed by nobody.</summary>
    /// <exception cref="EventLogException">A partition of the stream stands still for that.</exception>
    public void RequireLogOf(string stream)
    {
        foreach ((StreamPartition place, PartitionProgress progress) in _partitions)
        {
            if (place.Stream == stream)
            {
                switch (progress.Blocked)
                {
                    case OffsetBeyondEndException error:
                        throw new OffsetBeyondEndException(error.Stream, error.Partition, error.Reached, error.End);
                    case LogReplacedException error:
                        throw new LogReplacedException(error.Stream, error.Evidence);
                    default:
                        break;
                }
            }
        }
    }

    /// <summary>Takes a partition off the board, as it is no longer this process's.</summary>
    public void Remove(string stream, int partition) => _partitions.TryRemove(new StreamPartition(stream, partition), out _);
}
