using System.Text.Json;
using ParquetSharp;
using ParquetSharp.Schema;

namespace Lambda.Batch.History.Files;

/// <summary>Writes one column of a run's rows to files, and notes what a table's log tells about it. Used for one file at a time.</summary>
/// <param name="field">The column; one that holds values.</param>
/// <param name="striping">Where its values lie within objects and arrays; null when the column is the table's own.</param>
internal abstract class ColumnEncoder(TableField field, Striping? striping)
{
    /// <summary>How many rows are handed to the Parquet library in one call.</summary>
    private protected const int ChunkRows = 8192;

    private const int SampleRows = 2048;

    public TableField Field { get; } = field;

    /// <summary>The names from the outermost group of the file down to the column.</summary>
    public IReadOnlyList<string> Path { get; } = striping?.FilePath ?? [field.Name];

    /// <summary>Whether a row can have several values, or none, so that the table's log tells nothing about them.</summary>
    public bool IsRepeated => Striping is { IsRepeated: true };

    private protected Striping? Striping { get; } = striping;

    /// <summary>How many values of the file at hand are null.</summary>
    public long NullCount { get; private protected set; }

    /// <summary>Whether smallest and largest value of the file at hand are known.</summary>
    public abstract bool HasBounds { get; }

    /// <summary>Starts a file: chooses how the column is encoded in it by looking at some of the rows.</summary>
    public void BeginFile(WriterPropertiesBuilder properties, ReadOnlySpan<RowKey> rows)
    {
        NullCount = 0;
        ClearBounds();
        using ColumnPath path = new([.. Path]);
        if (Field.Type is FieldType.Integer or FieldType.Long or FieldType.Timestamp)
        {
            // Counts and times in almost sorted order differ little from row to row.
            properties.Encoding(path, Encoding.DeltaBinaryPacked);
        }

        // A dictionary of values that hardly repeat costs more than it saves.
        ReadOnlySpan<RowAddress> samples = Sample(rows);
        if (Field.Type != FieldType.Boolean && CountDistinct(samples) * 2 <= samples.Length)
        {
            properties.EnableDictionary(path);
        }
        else
        {
            properties.DisableDictionary(path);
        }
    }

    /// <summary>Writes the column of some rows.</summary>
    public abstract void Write(ColumnWriter writer, ReadOnlySpan<RowKey> rows);

    public abstract void WriteMin(Utf8JsonWriter json);

    public abstract void WriteMax(Utf8JsonWriter json);

    /// <summary>How many different values there are at some addresses.</summary>
    private protected abstract int CountDistinct(ReadOnlySpan<RowAddress> samples);

    private protected abstract void ClearBounds();

    private ReadOnlySpan<RowAddress> Sample(ReadOnlySpan<RowKey> rows)
    {
        int step = Math.Max(1, rows.Length / SampleRows);
        RowKey[] sample = new RowKey[(rows.Length + step - 1) / step];
        for (int i = 0; i < sample.Length; i++)
        {
            sample[i] = rows[i * step];
        }

        if (Striping is not null)
        {
            Striping.Stripe(sample);
            return Striping.Values;
        }

        return Array.ConvertAll(sample, row => row.Address);
    }
}
