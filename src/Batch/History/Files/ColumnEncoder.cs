using System.Text.Json;
using ParquetSharp;
using ParquetSharp.Schema;

namespace Lambda.Batch.History.Files;

/// <summary>Writes one column of a run's rows to files, and notes what a table's log tells about it. Used for one file at a time.</summary>
internal abstract class ColumnEncoder(TableField field)
{
    /// <summary>How many rows are handed to the Parquet library in one call.</summary>
    private protected const int ChunkRows = 8192;

    private const int SampleRows = 2048;

    public TableField Field { get; } = field;

    /// <summary>How many values of the file at hand are null.</summary>
    public long NullCount { get; private protected set; }

    /// <summary>Whether smallest and largest value of the file at hand are known.</summary>
    public abstract bool HasBounds { get; }

    /// <summary>Starts a file: chooses how the column is encoded in it by looking at some of the rows.</summary>
    public void BeginFile(WriterPropertiesBuilder properties, ReadOnlySpan<RowKey> rows)
    {
        NullCount = 0;
        ClearBounds();
        using ColumnPath path = new([Field.Name]);
        if (Field.Type is FieldType.Integer or FieldType.Long or FieldType.Timestamp)
        {
            // Counts and times in almost sorted order differ little from row to row.
            properties.Encoding(path, Encoding.DeltaBinaryPacked);
        }

        // A dictionary of values that hardly repeat costs more than it saves.
        int step = Math.Max(1, rows.Length / SampleRows);
        int samples = (rows.Length + step - 1) / step;
        if (Field.Type != FieldType.Boolean && CountDistinct(rows, step) * 2 <= samples)
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

    /// <summary>How many different values every <paramref name="step"/>th row has.</summary>
    private protected abstract int CountDistinct(ReadOnlySpan<RowKey> rows, int step);

    private protected abstract void ClearBounds();
}
