using ParquetSharp;

namespace Lambda.Batch.History.Files;

/// <summary>Reads strings, without an object per value.</summary>
/// <param name="name">The column.</param>
/// <param name="nulls">Where nulls are marked; null when there must be none.</param>
/// <param name="capacity">The most rows of a chunk.</param>
/// <param name="target">Where values go to.</param>
internal sealed class BytesDecoder<TTarget>(string name, bool[]? nulls, int capacity, TTarget target) : ColumnDecoder(name, nulls is not null)
    where TTarget : IBytesTarget
{
    private readonly short[] _levels = new short[capacity];
    private readonly ByteArray[] _values = new ByteArray[capacity];
    private ColumnReader<ByteArray>? _reader;

    public override void Read(int count) => Read(count, default, all: true);

    public override void Read(int count, Selection kept) => Read(count, kept.Rows, all: false);

    public override void Skip(int count)
    {
        if (_reader is not null && _reader.Skip(count) != count)
        {
            throw Short();
        }
    }

    public override void Dispose() => _reader?.Dispose();

    private protected override void Take(ColumnReader? reader) =>
        _reader = reader is null ? null : reader as ColumnReader<ByteArray> ?? throw Unexpected(reader);

    private void Read(int count, ReadOnlySpan<int> kept, bool all)
    {
        if (_reader is null)
        {
            SetNulls(all ? count : kept.Length);
            return;
        }

        bool isOptional = _reader.ColumnDescriptor.MaxDefinitionLevel > 0;
        int row = 0;
        for (int done = 0; done < count;)
        {
            long rows = isOptional
                ? _reader.ReadBatch(count - done, _levels, default, _values, out long read)
                : _reader.ReadBatch(count - done, _values, out read);
            if (rows <= 0)
            {
                throw Short();
            }

            // The values point into pages that the next call may free.
            target.Begin();
            row = all && read == rows ? SetAll(row, (int)rows) : SetKept(row, done, (int)rows, kept, all, isOptional);
            done += (int)rows;
        }
    }

    private int SetAll(int row, int rows)
    {
        if (nulls is not null)
        {
            nulls.AsSpan(row, rows).Clear();
        }

        for (int i = 0; i < rows; i++)
        {
            target.Set(row + i, _values[i]);
        }

        return row + rows;
    }

    private int SetKept(int row, int done, int rows, ReadOnlySpan<int> kept, bool all, bool isOptional)
    {
        int value = 0;
        for (int i = 0; i < rows; i++)
        {
            bool isNull = isOptional && _levels[i] == 0;
            if (isNull && nulls is null)
            {
                throw NullValue();
            }

            if (all || (row < kept.Length && kept[row] == done + i))
            {
                if (isNull)
                {
                    target.SetDefault(row);
                }
                else
                {
                    target.Set(row, _values[value]);
                }

                if (nulls is not null)
                {
                    nulls[row] = isNull;
                }

                row++;
            }

            value += isNull ? 0 : 1;
        }

        return row;
    }

    private void SetNulls(int rows)
    {
        nulls.AsSpan(0, rows).Fill(true);
        for (int row = 0; row < rows; row++)
        {
            target.SetDefault(row);
        }
    }
}
