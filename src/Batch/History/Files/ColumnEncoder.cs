using System.Text.Json;
using ParquetSharp;
using ParquetSharp.Schema;

namespace Lambda.Batch.History.Files;

/// <summary>Writes one column of rows to files, and notes what a table's log tells about it. Used for one file at a time.</summary>
/// <param name="field">The column; one that holds values.</param>
/// <param name="path">The names from the outermost group of the file down to the column.</param>
/// <param name="isRepeated">Whether a row can have several values, or none.</param>
internal abstract class ColumnEncoder(TableField field, IReadOnlyList<string> path, bool isRepeated)
{
    /// <summary>How many rows are handed to the Parquet library in one call; fewer where their values are large.</summary>
    private protected const int ChunkRows = 8192;

    /// <summary>After how many bytes of values no more rows are taken into one call. A row may be as large as a record; they lie in one array, which takes 2 GB.</summary>
    private protected const int ChunkBytes = 64 << 20;

    public TableField Field { get; } = field;

    /// <summary>The names from the outermost group of the file down to the column.</summary>
    public IReadOnlyList<string> Path { get; } = path;

    /// <summary>Whether a row can have several values, or none, so that the table's log tells nothing about them.</summary>
    public bool IsRepeated { get; } = isRepeated;

    /// <summary>How many values of the file at hand are null.</summary>
    public long NullCount { get; private protected set; }

    /// <summary>Whether smallest and largest value of the file at hand are known.</summary>
    public abstract bool HasBounds { get; }

    /// <summary>Starts a file: chooses how the column is encoded in it.</summary>
    /// <param name="properties">What is chosen.</param>
    /// <param name="rows">Rows of it that lie in memory; encoders that read them of files need none.</param>
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
        if (Field.Type != FieldType.Boolean && AreRepetitive(rows))
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

    /// <summary>Whether values of these rows repeat so often that a dictionary of them pays.</summary>
    private protected abstract bool AreRepetitive(ReadOnlySpan<RowKey> rows);

    private protected abstract void ClearBounds();
}
