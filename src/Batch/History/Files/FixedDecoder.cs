using ParquetSharp;

namespace Lambda.Batch.History.Files;

/// <summary>Reads values of a fixed size.</summary>
/// <param name="name">The column.</param>
/// <param name="values">Where to; the first rows are set by every chunk.</param>
/// <param name="nulls">Where nulls are marked; null when there must be none.</param>
internal sealed class FixedDecoder<T>(string name, T[] values, bool[]? nulls) : ColumnDecoder(name, nulls is not null)
    where T : unmanaged
{
    private readonly short[] _levels = new short[values.Length];
    private ColumnReader<T>? _reader;

    public override void Read(int count)
    {
        if (_reader is null)
        {
            values.AsSpan(0, count).Clear();
            nulls.AsSpan(0, count).Fill(true);
            return;
        }

        bool isOptional = _reader.ColumnDescriptor.MaxDefinitionLevel > 0;
        for (int done = 0; done < count;)
        {
            Span<T> target = values.AsSpan(done, count - done);
            Span<short> levels = _levels.AsSpan(done, count - done);
            long rows = isOptional
                ? _reader.ReadBatch(target.Length, levels, default, target, out long read)
                : _reader.ReadBatch(target.Length, target, out read);
            if (rows <= 0)
            {
                throw Short();
            }

            if (isOptional)
            {
                Spread(done, (int)rows, (int)read);
            }
            else
            {
                nulls.AsSpan(nulls is null ? 0 : done, nulls is null ? 0 : (int)rows).Clear();
            }

            done += (int)rows;
        }
    }

    public override void Read(int count, Selection kept)
    {
        Read(count);
        kept.Compact(values.AsSpan());
        if (nulls is not null)
        {
            kept.Compact(nulls.AsSpan());
        }
    }

    public override void Skip(int count)
    {
        if (_reader is not null && _reader.Skip(count) != count)
        {
            throw Short();
        }
    }

    public override void Dispose() => _reader?.Dispose();

    private protected override void Take(ColumnReader? reader) =>
        _reader = reader is null ? null : reader as ColumnReader<T> ?? throw Unexpected(reader);

    /// <summary>Moves values that stand one after the other to their rows, from the last to the first.</summary>
    private void Spread(int start, int rows, int read)
    {
        if (nulls is null)
        {
            if (read != rows)
            {
                throw NullValue();
            }

            return;
        }

        if (read == rows)
        {
            nulls.AsSpan(start, rows).Clear();
            return;
        }

        int from = start + read;
        for (int row = start + rows - 1; row >= start; row--)
        {
            bool isNull = _levels[row] == 0;
            nulls[row] = isNull;
            values[row] = isNull ? default : values[--from];
        }
    }
}
