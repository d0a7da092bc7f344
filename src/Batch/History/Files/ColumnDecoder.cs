using ParquetSharp;

namespace Lambda.Batch.History.Files;

/// <summary>Reads one column of a file into its place in a batch, a chunk of rows at a time.</summary>
internal abstract class ColumnDecoder(string name, bool isNullable) : IDisposable
{
    public string Name { get; } = name;

    /// <summary>Whether the place it reads into can hold null.</summary>
    private protected bool IsNullable { get; } = isNullable;

    /// <summary>Takes the column of a row group; null when the file was written before the column was added.</summary>
    public void Open(ColumnReader? reader)
    {
        Dispose();
        if (reader is null && !IsNullable)
        {
            throw new InvalidDataException($"it lacks the column '{Name}'");
        }

        Take(reader);
    }

    /// <summary>Reads a chunk of rows, all of them.</summary>
    public abstract void Read(int count);

    /// <summary>Reads a chunk of rows and keeps some of them.</summary>
    public abstract void Read(int count, Selection kept);

    /// <summary>Passes over a chunk of rows.</summary>
    public abstract void Skip(int count);

    public abstract void Dispose();

    private protected abstract void Take(ColumnReader? reader);

    private protected InvalidDataException Short() => new($"the column '{Name}' ends before its last row");

    private protected InvalidDataException Unexpected(ColumnReader reader) => new($"the column '{Name}' has the type {reader.Type}");

    private protected InvalidDataException NullValue() => new($"the column '{Name}' has a null, but must not");
}
