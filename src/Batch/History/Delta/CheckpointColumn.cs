using System.Runtime.InteropServices;
using ParquetSharp;

namespace Lambda.Batch.History.Delta;

/// <summary>Writes one column of a checkpoint.</summary>
internal abstract class CheckpointColumn
{
    public abstract void Write(ColumnWriter writer, IReadOnlyList<DeltaAction> rows);
}

/// <summary>A value or the lack of one, with the levels of Parquet.</summary>
internal readonly record struct Level<T>(short Definition, short Repetition, T? Value);

/// <summary>A column of values of a fixed size, at most one a row; they lie in a group each, so the definition level of a value is 2.</summary>
/// <param name="definition">The definition level of a row.</param>
/// <param name="value">The value of a row that has one.</param>
internal sealed class FixedCheckpointColumn<T>(Func<DeltaAction, short> definition, Func<DeltaAction, T> value) : CheckpointColumn
    where T : unmanaged
{
    private const short Present = 2;

    public override void Write(ColumnWriter writer, IReadOnlyList<DeltaAction> rows)
    {
        short[] definitions = [.. rows.Select(definition)];
        T[] values = [.. rows.Where((_, row) => definitions[row] == Present).Select(value)];
        ((ColumnWriter<T>)writer).WriteBatch(rows.Count, definitions, default, values);
    }
}

/// <summary>A column of strings, any number a row.</summary>
/// <param name="shred">The levels and values of a row.</param>
internal sealed class TextCheckpointColumn(Func<DeltaAction, IEnumerable<Level<string>>> shred) : CheckpointColumn
{
    public override void Write(ColumnWriter writer, IReadOnlyList<DeltaAction> rows)
    {
        Level<string>[] levels = [.. rows.SelectMany(shred)];
        string[] values = [.. levels.Select(level => level.Value).OfType<string>()];

        // Pinned, because the Parquet library is given addresses in it.
        byte[] bytes = GC.AllocateUninitializedArray<byte>(Math.Max(1, values.Sum(System.Text.Encoding.UTF8.GetByteCount)), pinned: true);
        ByteArray[] arrays = new ByteArray[values.Length];
        int start = 0;
        for (int i = 0; i < values.Length; i++)
        {
            int length = System.Text.Encoding.UTF8.GetBytes(values[i], bytes.AsSpan(start));
            arrays[i] = new ByteArray(Marshal.UnsafeAddrOfPinnedArrayElement(bytes, start), length);
            start += length;
        }

        ((ColumnWriter<ByteArray>)writer).WriteBatch(
            levels.Length,
            [.. levels.Select(level => level.Definition)],
            writer.ColumnDescriptor.MaxRepetitionLevel > 0 ? [.. levels.Select(level => level.Repetition)] : default(ReadOnlySpan<short>),
            arrays);
        GC.KeepAlive(bytes);
    }
}
