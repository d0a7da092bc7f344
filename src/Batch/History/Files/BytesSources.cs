using System.Globalization;
using Lambda.Events;

namespace Lambda.Batch.History.Files;

/// <summary>Strings of event batches, in either of their forms. A batch without the column has nulls.</summary>
internal readonly struct TextSource(Column?[] columns) : IBytesSource
{
    public bool IsNull(RowAddress row) => columns[row.Batch] is not { } column || (column.Nulls is { } nulls && nulls[row.Row]);

    public ReadOnlySpan<byte> Get(RowAddress row) => columns[row.Batch] switch
    {
        TextColumn text => text.Utf8(row.Row),
        DictionaryColumn words => words.Dictionary.Utf8(words.Ids[row.Row]),
        _ => default,
    };
}

/// <summary>Decimals of event batches as text, with all their digits.</summary>
internal readonly struct DecimalSource(Column<decimal>[] columns) : IBytesSource
{
    /// <summary>A sign, 29 digits, a point and a zero before it.</summary>
    private readonly byte[] _text = new byte[32];

    public bool IsNull(RowAddress row) => columns[row.Batch].Nulls is { } nulls && nulls[row.Row];

    public ReadOnlySpan<byte> Get(RowAddress row)
    {
        bool fits = columns[row.Batch].Values[row.Row].TryFormat(_text, out int length, default, CultureInfo.InvariantCulture);
        return fits ? _text.AsSpan(0, length) : throw new InvalidOperationException("A decimal has more digits than decimals have.");
    }
}

/// <summary>Byte strings in memory.</summary>
internal readonly struct MemorySource(ReadOnlyMemory<byte>[] values) : IBytesSource
{
    public bool IsNull(RowAddress row) => false;

    public ReadOnlySpan<byte> Get(RowAddress row) => values[row.Row].Span;
}
