using Lambda.Batch.History.Files;
using Lambda.Events;
using RowGroupReader = ParquetSharp.RowGroupReader;

namespace Lambda.Batch.History;

/// <summary>Reads the rows of one file into a batch: positions and event times first, then the rest of the rows that are taken.</summary>
internal sealed class RowReader : IDisposable
{
    private const int BatchRows = 16_384;

    private readonly DataFileReader _file;
    private readonly EventBatch _batch;
    private readonly RowFilter _filter;
    private readonly Selection _kept = new(BatchRows);
    private readonly Column<long>? _eventTimeColumn;

    /// <summary>What the filter looks at.</summary>
    private readonly ColumnDecoder[] _judged;
    private readonly List<ColumnDecoder> _others;
    private RowGroupReader? _group;
    private int _nextGroup;
    private long _rowsLeft;

    public RowReader(DataFileReader file, EventBatch batch, EventMember eventTime, RowFilter filter)
    {
        _file = file;
        _batch = batch;
        _filter = filter;
        batch.EnsureCapacity(BatchRows);
        _judged =
        [
            new FixedDecoder<int>(HistorySchema.Partition.Name, batch.Partitions, nulls: null),
            new FixedDecoder<long>(HistorySchema.Offset.Name, batch.Offsets, nulls: null),
            new FixedDecoder<long>(eventTime.JsonName, batch.EventTimes, nulls: null),
        ];
        _others = [new FixedDecoder<long>(HistorySchema.AppendedAt.Name, batch.AppendedAt, nulls: null)];
        foreach (EventMember member in batch.Projection.Schema.Members)
        {
            if (member.Name == eventTime.Name)
            {
                _eventTimeColumn = batch[member] as Column<long>;
            }
            else if (batch[member] is { } column)
            {
                _others.Add(DecoderOf(column));
            }
        }
    }

    /// <summary>Puts the next rows into the batch, possibly none of those looked at.</summary>
    /// <returns>False when the file has no more.</returns>
    public bool ReadNext()
    {
        _batch.Clear();
        bool any = false;
        _file.Guard(() => any = TryRead());
        return any;
    }

    public void Dispose()
    {
        foreach (ColumnDecoder decoder in _judged.Concat(_others))
        {
            decoder.Dispose();
        }

        _group?.Dispose();
    }

    private bool TryRead()
    {
        while (_rowsLeft == 0)
        {
            if (_nextGroup == _file.RowGroups)
            {
                return false;
            }

            OpenGroup(_nextGroup++);
        }

        int count = (int)Math.Min(BatchRows, _rowsLeft);
        _rowsLeft -= count;
        foreach (ColumnDecoder decoder in _judged)
        {
            decoder.Read(count);
        }

        _filter.Select(_batch, count, _kept);
        if (_kept.Count == 0)
        {
            _others.ForEach(decoder => decoder.Skip(count));
        }
        else if (_kept.Count == count)
        {
            _others.ForEach(decoder => decoder.Read(count));
        }
        else
        {
            _kept.Compact(_batch.Partitions.AsSpan());
            _kept.Compact(_batch.Offsets.AsSpan());
            _kept.Compact(_batch.EventTimes.AsSpan());
            _others.ForEach(decoder => decoder.Read(count, _kept));
        }

        _batch.Count = _kept.Count;
        if (_eventTimeColumn is { } times)
        {
            _batch.EventTimes.AsSpan(0, _batch.Count).CopyTo(times.Values);
            times.Nulls?.AsSpan(0, _batch.Count).Clear();
        }

        return true;
    }

    private void OpenGroup(int index)
    {
        _group?.Dispose();
        _group = _file.RowGroup(index);
        _rowsLeft = _group.MetaData.NumRows;
        foreach (ColumnDecoder decoder in _judged.Concat(_others))
        {
            decoder.Open(_file.IndexOf(decoder.Name) is { } column ? _group.Column(column) : null);
        }
    }

    private static ColumnDecoder DecoderOf(Column column)
    {
        string name = column.Member.JsonName;
        return column switch
        {
            Column<bool> values => new FixedDecoder<bool>(name, values.Values, values.Nulls),
            Column<int> values => new FixedDecoder<int>(name, values.Values, values.Nulls),
            Column<long> values => new FixedDecoder<long>(name, values.Values, values.Nulls),
            Column<double> values => new FixedDecoder<double>(name, values.Values, values.Nulls),
            Column<decimal> values => new BytesDecoder<DecimalTarget>(name, column.Member.IsNullable, BatchRows, new DecimalTarget(values)),
            TextColumn text => new BytesDecoder<TextTarget>(name, column.Member.IsNullable, BatchRows, new TextTarget(text)),
            DictionaryColumn words => new BytesDecoder<DictionaryTarget>(name, column.Member.IsNullable, BatchRows, new DictionaryTarget(words)),
            _ => throw new InvalidOperationException($"Member {column.Member} has a type that events do not have."),
        };
    }
}
