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
/// <param name="field">The column.</param>
/// <param name="source">Its values.</param>
/// <param name="striping">Where they lie within objects and arrays; null when the column is the table's own.</param>
internal sealed class BytesEncoder<TSource>(TableField field, TSource source, Striping? striping = null) : BatchEncoder(field, striping)
    where TSource : struct, IBytesSource
{
    private ByteArray[] _chunk = new ByteArray[ChunkRows];
    private int[] _ends = new int[ChunkRows + 1];
    private readonly short[] _levels = new short[ChunkRows];
    private readonly TextBounds? _bounds = field.Type == FieldType.Binary ? null : new();

    /// <summary>Pinned, because the Parquet library is given addresses in it.</summary>
    private byte[] _bytes = GC.AllocateUninitializedArray<byte>(ChunkRows * 16, pinned: true);
    private TSource _source = source;

    public override bool HasBounds => _bounds is { IsKnown: true };

    public override void Write(ColumnWriter writer, ReadOnlySpan<RowKey> rows)
    {
        ColumnWriter<ByteArray> typed = (ColumnWriter<ByteArray>)writer;
        while (!rows.IsEmpty)
        {
            ReadOnlySpan<RowKey> chunk = rows[..Math.Min(ChunkRows, rows.Length)];
            int count = Striping is null ? Gather(ref chunk) : GatherStriped(Striping, ref chunk);
            for (int i = 0; i < count; i++)
            {
                _chunk[i] = new ByteArray(Marshal.UnsafeAddrOfPinnedArrayElement(_bytes, _ends[i]), _ends[i + 1] - _ends[i]);
            }

            if (Striping is not null)
            {
                typed.WriteBatch(Striping.LevelCount, Striping.DefinitionLevels, Striping.RepetitionLevels, _chunk.AsSpan(0, count));
            }
            else if (Field.IsNullable)
            {
                typed.WriteBatch(chunk.Length, _levels.AsSpan(0, chunk.Length), default, _chunk.AsSpan(0, count));
            }
            else
            {
                typed.WriteBatch(_chunk.AsSpan(0, count));
            }

            rows = rows[chunk.Length..];
        }
    }

    public override void WriteMin(Utf8JsonWriter json) => _bounds!.WriteMin(json);

    public override void WriteMax(Utf8JsonWriter json) => _bounds!.WriteMax(json);

    private protected override void ClearBounds() => _bounds?.Clear();

    private protected override int CountDistinct(ReadOnlySpan<RowAddress> samples)
    {
        HashSet<uint> distinct = [];
        foreach (RowAddress sample in samples)
        {
            distinct.Add(Striping is null && _source.IsNull(sample) ? 0 : Utf8Hash.Of(_source.Get(sample)));
        }

        return distinct.Count;
    }

    /// <summary>Takes the values of rows, as many as fit.</summary>
    /// <param name="rows">The rows; in the end, those that were taken.</param>
    /// <returns>How many values there are.</returns>
    private int Gather(ref ReadOnlySpan<RowKey> rows)
    {
        int count = 0;
        int taken = 0;
        for (; taken < rows.Length && _ends[count] < ChunkBytes; taken++)
        {
            RowAddress row = rows[taken].Address;
            bool isNull = Field.IsNullable && _source.IsNull(row);
            _levels[taken] = (short)(isNull ? 0 : 1);
            if (!isNull)
            {
                Append(count++, _source.Get(row));
            }
        }

        rows = rows[..taken];
        NullCount += taken - count;
        return count;
    }

    /// <inheritdoc cref="Gather"/>
    private int GatherStriped(Striping striped, ref ReadOnlySpan<RowKey> rows)
    {
        striped.Stripe(rows);
        while (!TryAppend(striped.Values, rows.Length > 1 ? ChunkBytes : int.MaxValue))
        {
            rows = rows[..(rows.Length / 2)];
            striped.Stripe(rows);
        }

        NullCount += striped.LevelCount - striped.Values.Length;
        return striped.Values.Length;
    }

    /// <summary>Takes values; some of them may be taken again.</summary>
    /// <returns>False when there are more behind so many bytes.</returns>
    private bool TryAppend(ReadOnlySpan<RowAddress> addresses, int most)
    {
        if (_chunk.Length < addresses.Length)
        {
            _chunk = new ByteArray[addresses.Length * 2];
            _ends = new int[_chunk.Length + 1];
        }

        for (int i = 0; i < addresses.Length; i++)
        {
            if (_ends[i] >= most)
            {
                return false;
            }

            Append(i, _source.Get(addresses[i]));
        }

        return true;
    }

    private void Append(int place, ReadOnlySpan<byte> value)
    {
        int start = _ends[place];
        int end = checked(start + value.Length);
        if (end > _bytes.Length)
        {
            byte[] larger = GC.AllocateUninitializedArray<byte>((int)Math.Min(Array.MaxLength, end * 2L), pinned: true);
            _bytes.AsSpan(0, start).CopyTo(larger);
            _bytes = larger;
        }

        value.CopyTo(_bytes.AsSpan(start));
        _bounds?.Add(value);
        _ends[place + 1] = end;
    }
}
