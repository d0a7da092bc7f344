using System.Runtime.InteropServices;
using System.Text.Json;
using Lambda.Events;
using ParquetSharp;

namespace Lambda.Batch.History.Files;

/// <summary>Where byte strings of a run's rows come from.</summary>
internal interface IBytesSource
{
    bool IsNull(RowAddress row);

    /// <summary>The bytes of a row; valid until the next call.</summary>
    ReadOnlySpan<byte> Get(RowAddress row);
}

/// <summary>Writes strings and byte strings, by way of one buffer and without an object per value.</summary>
internal sealed class BytesEncoder<TSource>(TableField field, TSource source) : ColumnEncoder(field)
    where TSource : struct, IBytesSource
{
    private readonly ByteArray[] _chunk = new ByteArray[ChunkRows];
    private readonly int[] _ends = new int[ChunkRows + 1];
    private readonly short[] _levels = new short[ChunkRows];
    private readonly TextBounds? _bounds = field.Type == FieldType.Binary ? null : new();

    /// <summary>Pinned, because the Parquet library is given addresses in it.</summary>
    private byte[] _bytes = GC.AllocateUninitializedArray<byte>(ChunkRows * 16, pinned: true);
    private TSource _source = source;

    public override bool HasBounds => _bounds is { IsKnown: true };

    public override void Write(ColumnWriter writer, ReadOnlySpan<RowKey> rows)
    {
        ColumnWriter<ByteArray> typed = (ColumnWriter<ByteArray>)writer;
        for (; !rows.IsEmpty; rows = rows[Math.Min(ChunkRows, rows.Length)..])
        {
            ReadOnlySpan<RowKey> chunk = rows[..Math.Min(ChunkRows, rows.Length)];
            int count = Gather(chunk);
            for (int i = 0; i < count; i++)
            {
                _chunk[i] = new ByteArray(Marshal.UnsafeAddrOfPinnedArrayElement(_bytes, _ends[i]), _ends[i + 1] - _ends[i]);
            }

            if (Field.IsNullable)
            {
                typed.WriteBatch(chunk.Length, _levels.AsSpan(0, chunk.Length), default, _chunk.AsSpan(0, count));
            }
            else
            {
                typed.WriteBatch(_chunk.AsSpan(0, count));
            }
        }
    }

    public override void WriteMin(Utf8JsonWriter json) => _bounds!.WriteMin(json);

    public override void WriteMax(Utf8JsonWriter json) => _bounds!.WriteMax(json);

    private protected override void ClearBounds() => _bounds?.Clear();

    private protected override int CountDistinct(ReadOnlySpan<RowKey> rows, int step)
    {
        HashSet<uint> distinct = [];
        for (int i = 0; i < rows.Length; i += step)
        {
            distinct.Add(_source.IsNull(rows[i].Address) ? 0 : Utf8Hash.Of(_source.Get(rows[i].Address)));
        }

        return distinct.Count;
    }

    private int Gather(ReadOnlySpan<RowKey> rows)
    {
        int count = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            RowAddress row = rows[i].Address;
            if (Field.IsNullable && _source.IsNull(row))
            {
                _levels[i] = 0;
                continue;
            }

            ReadOnlySpan<byte> value = _source.Get(row);
            int start = _ends[count];
            int end = checked(start + value.Length);
            if (end > _bytes.Length)
            {
                byte[] larger = GC.AllocateUninitializedArray<byte>((int)Math.Min(Array.MaxLength, end * 2L), pinned: true);
                _bytes.AsSpan(0, start).CopyTo(larger);
                _bytes = larger;
            }

            value.CopyTo(_bytes.AsSpan(start));
            _bounds?.Add(value);
            _levels[i] = 1;
            _ends[++count] = end;
        }

        NullCount += rows.Length - count;
        return count;
    }
}
