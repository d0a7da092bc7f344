using ParquetSharp;

namespace Lambda.Batch.History.Files;

/// <summary>Reads strings, without an object per value.</summary>
internal sealed class BytesDecoder<TTarget>(string name, bool isNullable, int capacity, TTarget target) : ColumnDecoder(name, isNullable)
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
        int row = 0;
        if (_reader is null)
        {
            for (int rows = all ? count : kept.Length; row < rows; row++)
            {
                target.SetNull(row);
            }

            return;
        }

        bool isOptional = _reader.ColumnDescriptor.MaxDefinitionLevel > 0;
        for (int done = 0; done < count;)
        {
            long rows = isOptional
                ? _reader.ReadBatch(count - done, _levels, default, _values, out _)
                : _reader.ReadBatch(count - done, _values, out _);
            if (rows <= 0)
            {
                throw Short();
            }

            // The values point into pages that the next call may free.
            target.Begin();
            int value = 0;
            for (int i = 0; i < rows; i++)
            {
                bool isNull = isOptional && _levels[i] == 0;
                if (isNull && !IsNullable)
                {
                    throw NullValue();
                }

                bool isKept = all || (row < kept.Length && kept[row] == done + i);
                if (isKept && isNull)
                {
                    target.SetNull(row++);
                }
                else if (isKept)
                {
                    target.Set(row++, _values[value++]);
                }
                else if (!isNull)
                {
                    value++;
                }
            }

            done += (int)rows;
        }
    }
}
