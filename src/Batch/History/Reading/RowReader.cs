using Lambda.Batch.History.Files;
using Lambda.Events;
using RowGroupReader = ParquetSharp.RowGroupReader;

namespace Lambda.Batch.History.Reading;

/// <summary>Reads the rows of files into a batch: positions and event times first, then the rest of the rows that are taken.</summary>
internal sealed class RowReader : IDisposable
{
    private const int BatchRows = 16_384;

    private readonly EventBatch _batch;
    private readonly RecordFields _fields;
    private readonly Selection _kept = new(BatchRows);
    private readonly Column<long>? _eventTimeColumn;

    private readonly ColumnDecoder[] _positions;
    private readonly ColumnDecoder _eventTime;
    private readonly List<ColumnDecoder> _others = [];
    private readonly List<NestedDecoder> _nested = [];
    private DataFileReader? _file;

    /// <summary>Which rows of the file are taken; null for all.</summary>
    private RowFilter? _filter;

    /// <summary>What of the file is read before it is known which rows are taken: what the filter looks at, if there is one.</summary>
    private ColumnDecoder[] _judged = [];
    private RowGroupReader? _group;
    private int _nextGroup;
    private long _rowsLeft;

    public RowReader(EventBatch batch, EventMember eventTime, RecordFields fields)
    {
        _batch = batch;
        _fields = fields;
        batch.EnsureCapacity(BatchRows);
        _positions =
        [
            new FixedDecoder<int>(HistorySchema.Partition.Name, batch.Partitions, nulls: null),
            new FixedDecoder<long>(HistorySchema.Offset.Name, batch.Offsets, nulls: null),
        ];
        _eventTime = new FixedDecoder<long>(eventTime.JsonName, batch.EventTimes, nulls: null);
        if (fields.HasFlag(RecordFields.AppendTime))
        {
            _others.Add(new FixedDecoder<long>(HistorySchema.AppendedAt.Name, batch.AppendedAt, nulls: null));
        }

        foreach (EventMember member in batch.Projection.Schema.Members)
        {
            if (member.Name == eventTime.Name)
            {
                _eventTimeColumn = batch[member] as Column<long>;
            }
            else if (batch[member] is ObjectColumn or ListColumn)
            {
                _nested.Add(new NestedDecoder(batch, member, HistorySchema.FilePathOf));
            }
            else if (batch[member] is { } column)
            {
                _others.Add(DecoderOf(column));
            }
        }
    }

    /// <summary>Starts a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="filter">Which of its rows are taken; null for all.</param>
    public void Open(DataFileReader file, RowFilter? filter)
    {
        Close();
        _file = file;
        _filter = filter;
        bool positions = filter is not null || _fields.HasFlag(RecordFields.Position);
        bool times = filter is not null || _fields.HasFlag(RecordFields.EventTime) || _eventTimeColumn is not null;
        _judged = [.. positions ? _positions : [], .. times ? (ColumnDecoder[])[_eventTime] : []];
        _nextGroup = 0;
        _rowsLeft = 0;
    }

    /// <summary>Puts the next rows into the batch, possibly none of those looked at.</summary>
    /// <returns>False when the file has no more.</returns>
    public bool ReadNext()
    {
        _batch.Clear();
        DataFileReader file = _file ?? throw new InvalidOperationException("No file was opened.");
        bool any = false;
        file.Guard(() => any = TryRead(file));
        return any;
    }

    /// <summary>Ends the file, wherever reading has come to.</summary>
    public void Close()
    {
        foreach (ColumnDecoder decoder in _judged.Concat(_others))
        {
            decoder.Dispose();
        }

        _nested.ForEach(decoder => decoder.Dispose());
        _group?.Dispose();
        _group = null;
    }

    public void Dispose() => Close();

    private bool TryRead(DataFileReader file)
    {
        while (_rowsLeft == 0)
        {
            if (_nextGroup == file.RowGroups)
            {
                return false;
            }

            OpenGroup(file, _nextGroup++);
        }

        int count = (int)Math.Min(BatchRows, _rowsLeft);
        _rowsLeft -= count;
        foreach (ColumnDecoder decoder in _judged)
        {
            decoder.Read(count);
        }

        _batch.Count = _filter is null ? count : Select(_filter, count);
        if (_batch.Count == 0)
        {
            _others.ForEach(decoder => decoder.Skip(count));
            _nested.ForEach(decoder => decoder.Skip(count));
        }
        else if (_batch.Count == count)
        {
            _others.ForEach(decoder => decoder.Read(count));
            _nested.ForEach(decoder => decoder.Read(count, kept: null));
        }
        else
        {
            _kept.Compact(_batch.Partitions.AsSpan());
            _kept.Compact(_batch.Offsets.AsSpan());
            _kept.Compact(_batch.EventTimes.AsSpan());
            _others.ForEach(decoder => decoder.Read(count, _kept));
            _nested.ForEach(decoder => decoder.Read(count, _kept));
        }

        if (_eventTimeColumn is { } times)
        {
            _batch.EventTimes.AsSpan(0, _batch.Count).CopyTo(times.Values);
            times.Nulls?.AsSpan(0, _batch.Count).Clear();
        }

        return true;
    }

    private int Select(RowFilter filter, int count)
    {
        filter.Select(_batch, count, _kept);
        return _kept.Count;
    }

    private void OpenGroup(DataFileReader file, int index)
    {
        Close();
        _group = file.RowGroup(index);
        _rowsLeft = _group.MetaData.NumRows;
        foreach (ColumnDecoder decoder in _judged.Concat(_others))
        {
            decoder.Open(file.IndexOf([decoder.Name]) is { } column ? _group.Column(column) : null);
        }

        _nested.ForEach(decoder => decoder.Open(file, _group));
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
            Column<decimal> values => new BytesDecoder<DecimalTarget>(name, column.Nulls, BatchRows, new DecimalTarget(values)),
            TextColumn text => new BytesDecoder<TextTarget>(name, column.Nulls, BatchRows, new TextTarget(text)),
            DictionaryColumn words => new BytesDecoder<DictionaryTarget>(name, column.Nulls, BatchRows, new DictionaryTarget(words)),
            _ => throw new InvalidOperationException($"Member {column.Member} has a type that events do not have."),
        };
    }
}
