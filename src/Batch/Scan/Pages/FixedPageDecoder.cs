using System.Runtime.InteropServices;

namespace Lambda.Batch.Scan.Pages;

/// <summary>Reads values of a fixed size.</summary>
/// <param name="hasLevels">Whether the column may have nulls.</param>
/// <param name="values">Where to; the first rows are set by every chunk.</param>
/// <param name="nulls">Where nulls are marked.</param>
/// <param name="conversion">Makes a value as a batch holds it of one as the file holds it.</param>
internal sealed class FixedPageDecoder<TFrom, TTo, TConversion>(bool hasLevels, TTo[] values, bool[] nulls, TConversion conversion)
    : PageDecoder(hasLevels, nulls)
    where TFrom : unmanaged
    where TTo : struct
    where TConversion : struct, IValueConversion<TFrom, TTo>
{
    private TTo[] _dictionary = [];
    private int _dictionaryCount;
    private IndexReader _indices;

    /// <summary>How many values of a page of plain ones were read.</summary>
    private int _read;

    private protected override void SetDictionary()
    {
        ReadOnlySpan<TFrom> plain = MemoryMarshal.Cast<byte, TFrom>(Page.ValueBytes);
        _dictionaryCount = Page.Header.Values <= plain.Length
            ? Page.Header.Values
            : throw new InvalidDataException("its dictionary ends before its last value");
        if (_dictionary.Length < _dictionaryCount)
        {
            _dictionary = new TTo[Math.Max(_dictionaryCount, _dictionary.Length * 2)];
        }

        Convert(plain[.._dictionaryCount], _dictionary);
    }

    private protected override void BeginValues()
    {
        _read = 0;
        if (Page.HasIndices)
        {
            _indices.Begin(Page);
        }
    }

    private protected override void ReadValues(int row, int count)
    {
        Span<TTo> target = values.AsSpan(row, count);
        if (Page.HasIndices)
        {
            _indices.Read(Page.Bytes, Block, _dictionary.AsSpan(0, _dictionaryCount), target);
            return;
        }

        ReadOnlySpan<TFrom> plain = MemoryMarshal.Cast<byte, TFrom>(Page.ValueBytes);
        if (count > plain.Length - _read)
        {
            throw new InvalidDataException("a page ends before its last value");
        }

        Convert(plain.Slice(_read, count), target);
        _read += count;
    }

    private protected override void Move(int from, int to) => values[to] = values[from];

    private protected override void SetDefault(int row) => values[row] = default;

    private void Convert(ReadOnlySpan<TFrom> source, Span<TTo> target)
    {
        for (int i = 0; i < source.Length; i++)
        {
            target[i] = conversion.Convert(source[i]);
        }
    }
}
