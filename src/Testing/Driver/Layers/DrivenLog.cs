using Lambda.Events.Json;
using Lambda.Log;
using Lambda.Store;
using Lambda.Views;

namespace Lambda.Testing.Layers;

/// <summary>What was sent, in lists: the order that a log gives to records, and nothing more of one.</summary>
internal sealed class DrivenLog
{
    private readonly string _stream;
    private readonly RecordKeyReader _keys;
    private readonly List<DrivenRecord>[] _partitions;

    public DrivenLog(StreamDefinition stream)
    {
        _stream = stream.Name;
        _keys = new RecordKeyReader(stream.Schema, stream.PartitionKey);
        _partitions = [.. Enumerable.Range(0, stream.Partitions).Select(_ => new List<DrivenRecord>())];
    }

    /// <summary>Per partition the offset that the next record gets.</summary>
    public Boundary End => new(_partitions.Select(EndOf));

    /// <summary>Appends a record, to the partition that its key chooses and at the next offset unless told otherwise.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such partition, or the offset is behind the partition's end.</exception>
    public DrivenRecord Append(byte[] value, int? partition, long? offset, long appendedAt)
    {
        byte[] key = _keys.Read(value).ToArray();
        int chosen = partition ?? KeyPartitioner.Partition(key.Length == 0 ? value : key, _partitions.Length);
        if ((uint)chosen >= (uint)_partitions.Length)
        {
            throw new ArgumentOutOfRangeException(
                nameof(partition),
                chosen,
                $"Stream '{_stream}' has the partitions 0 to {_partitions.Length - 1}. Give one of these, or declare more with Partitions(…).");
        }

        long end = EndOf(_partitions[chosen]);
        if (offset < end)
        {
            throw new ArgumentOutOfRangeException(
                nameof(offset), offset, $"Partition {chosen} of stream '{_stream}' ends at offset {end}. Give that or a higher one, as offsets rise.");
        }

        DrivenRecord record = new(new LogPosition(chosen, offset ?? end), appendedAt, key, value);
        _partitions[chosen].Add(record);
        return record;
    }

    /// <summary>The records below a boundary, by partition and offset.</summary>
    public IEnumerable<DrivenRecord> Below(Boundary boundary) =>
        _partitions.SelectMany((records, partition) => records.TakeWhile(record => record.Position.Offset < boundary[partition]));

    private static long EndOf(List<DrivenRecord> records) => records.Count == 0 ? 0 : records[^1].Position.Offset + 1;
}
