using Lambda.Batch.History.Files;
using ParquetSharp;

namespace Lambda.Batch.Scan;

/// <summary>Reads values that a batch holds in another type than the file.</summary>
/// <param name="name">The column.</param>
/// <param name="values">Where to; the first rows are set by every chunk.</param>
/// <param name="nulls">Where nulls are marked.</param>
/// <param name="conversion">Makes one value of the other.</param>
internal sealed class ConvertingDecoder<TFrom, TTo, TConversion>(string name, TTo[] values, bool[] nulls, TConversion conversion)
    : ColumnDecoder(name, isNullable: true)
    where TFrom : unmanaged
    where TTo : struct
    where TConversion : struct, IValueConversion<TFrom, TTo>
{
    private readonly short[] _levels = new short[values.Length];
    private readonly TFrom[] _read = new TFrom[values.Length];
    private ColumnReader<TFrom>? _reader;

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
            long rows = isOptional
                ? _reader.ReadBatch(count - done, _levels, default, _read, out _)
                : _reader.ReadBatch(count - done, _read, out _);
            if (rows <= 0)
            {
                throw Short();
            }

            // Values may point into pages that the next call frees, so they are converted at once.
            try
            {
                Convert(done, (int)rows, isOptional);
            }
            catch (OverflowException error)
            {
                throw new InvalidDataException($"the column '{Name}' has a value that {typeof(TTo).Name} cannot hold", error);
            }

            done += (int)rows;
        }
    }

    public override void Read(int count, Selection kept)
    {
        Read(count);
        kept.Compact(values.AsSpan());
        kept.Compact(nulls.AsSpan());
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
        _reader = reader is null ? null : reader as ColumnReader<TFrom> ?? throw Unexpected(reader);

    private void Convert(int start, int rows, bool isOptional)
    {
        int next = 0;
        for (int i = 0; i < rows; i++)
        {
            bool isNull = isOptional && _levels[i] == 0;
            nulls[start + i] = isNull;
            values[start + i] = isNull ? default : conversion.Convert(_read[next++]);
        }
    }
}
