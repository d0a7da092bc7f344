using System.Text.Json;
using ParquetSharp;

namespace Lambda.Batch.History.Files;

/// <summary>Writes values of a fixed size.</summary>
/// <param name="field">The column.</param>
/// <param name="values">By batch, its values by row.</param>
/// <param name="nulls">By batch and row, whether the value is null; null when the column has none, or lies within objects and arrays.</param>
/// <param name="striping">Where the values lie within objects and arrays; null when the column is the table's own.</param>
internal sealed class FixedEncoder<T, TBounds>(TableField field, T[][] values, bool[]?[]? nulls, Striping? striping = null)
    : BatchEncoder(field, striping)
    where T : unmanaged
    where TBounds : struct, IBounds<T>
{
    private T[] _chunk = new T[ChunkRows];
    private readonly short[] _levels = field.IsNullable ? new short[ChunkRows] : [];
    private TBounds _bounds;

    public override bool HasBounds => _bounds.IsKnown;

    public override void Write(ColumnWriter writer, ReadOnlySpan<RowKey> rows)
    {
        ColumnWriter<T> typed = (ColumnWriter<T>)writer;
        for (; !rows.IsEmpty; rows = rows[Math.Min(ChunkRows, rows.Length)..])
        {
            ReadOnlySpan<RowKey> chunk = rows[..Math.Min(ChunkRows, rows.Length)];
            if (Striping is not null)
            {
                int count = GatherStriped(Striping, chunk);
                typed.WriteBatch(
                    Striping.LevelCount, Striping.DefinitionLevels, Striping.RepetitionLevels, _chunk.AsSpan(0, count));
            }
            else if (Field.IsNullable)
            {
                int count = GatherWithNulls(chunk);
                typed.WriteBatch(chunk.Length, _levels.AsSpan(0, chunk.Length), default, _chunk.AsSpan(0, count));
            }
            else
            {
                Gather(chunk);
                typed.WriteBatch(_chunk.AsSpan(0, chunk.Length));
            }
        }
    }

    public override void WriteMin(Utf8JsonWriter json) => _bounds.WriteMin(json);

    public override void WriteMax(Utf8JsonWriter json) => _bounds.WriteMax(json);

    private protected override void ClearBounds() => _bounds = default;

    private protected override int CountDistinct(ReadOnlySpan<RowAddress> samples)
    {
        HashSet<T> distinct = [];
        foreach (RowAddress sample in samples)
        {
            distinct.Add(values[sample.Batch][sample.Row]);
        }

        return distinct.Count;
    }

    private int GatherStriped(Striping striped, ReadOnlySpan<RowKey> rows)
    {
        striped.Stripe(rows);
        ReadOnlySpan<RowAddress> addresses = striped.Values;
        if (_chunk.Length < addresses.Length)
        {
            _chunk = new T[addresses.Length * 2];
        }

        TBounds bounds = _bounds;
        for (int i = 0; i < addresses.Length; i++)
        {
            T value = values[addresses[i].Batch][addresses[i].Row];
            bounds.Add(value);
            _chunk[i] = value;
        }

        _bounds = bounds;
        NullCount += striped.LevelCount - addresses.Length;
        return addresses.Length;
    }

    private void Gather(ReadOnlySpan<RowKey> rows)
    {
        TBounds bounds = _bounds;
        Span<T> chunk = _chunk.AsSpan(0, rows.Length);
        for (int i = 0; i < rows.Length; i++)
        {
            T value = values[rows[i].Address.Batch][rows[i].Address.Row];
            bounds.Add(value);
            chunk[i] = value;
        }

        _bounds = bounds;
    }

    private int GatherWithNulls(ReadOnlySpan<RowKey> rows)
    {
        TBounds bounds = _bounds;
        int count = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            (int batch, int row) = rows[i].Address;
            if (nulls?[batch] is { } flags && flags[row])
            {
                _levels[i] = 0;
                continue;
            }

            T value = values[batch][row];
            bounds.Add(value);
            _levels[i] = 1;
            _chunk[count++] = value;
        }

        _bounds = bounds;
        NullCount += rows.Length - count;
        return count;
    }
}
