using System.Globalization;
using ParquetSharp;

namespace Lambda.Batch.History.Delta;

/// <summary>The leaves of one row group of nested rows, read whole and by dotted path. For small files only.</summary>
internal sealed class NestedColumns(RowGroupReader group)
{
    private readonly Dictionary<string, List<object?>[]> _leaves = new(StringComparer.Ordinal);

    /// <summary>A string; null when it or a structure around it is null or no such column exists.</summary>
    public string? Text(string path, int row) => Leaf(path)[row] is [string text] ? text : null;

    /// <summary>An integer; null as for <see cref="Text"/>.</summary>
    public long? Number(string path, int row) =>
        Leaf(path)[row] is [var value and not null] ? Convert.ToInt64(value, CultureInfo.InvariantCulture) : null;

    /// <summary>The elements of a list; empty when it is null.</summary>
    public string?[] Texts(string path, int row) => [.. Leaf(path)[row].OfType<string>()];

    /// <summary>The entries of a map of strings; empty when it is null.</summary>
    public Dictionary<string, string?> Map(string path, int row)
    {
        List<object?> keys = Leaf(path + ".key_value.key")[row];
        List<object?> values = Leaf(path + ".key_value.value")[row];
        Dictionary<string, string?> map = new(StringComparer.Ordinal);
        for (int i = 0; i < keys.Count; i++)
        {
            if (keys[i] is string key)
            {
                map[key] = values[i] as string;
            }
        }

        return map;
    }

    private List<object?>[] Leaf(string path)
    {
        if (!_leaves.TryGetValue(path, out List<object?>[]? leaf))
        {
            _leaves[path] = leaf = Read(path);
        }

        return leaf;
    }

    /// <summary>Per row the values that the leaf has in it; a null at any level above counts as one null.</summary>
    private List<object?>[] Read(string path)
    {
        List<object?>[] rows = new List<object?>[group.MetaData.NumRows];
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = [];
        }

        int index = group.MetaData.Schema.ColumnIndex(path);
        if (index >= 0)
        {
            using ColumnReader column = group.Column(index);
            switch (column)
            {
                case ColumnReader<ByteArray> text:
                    Read(text, rows, TextOf);
                    break;
                case ColumnReader<long> number:
                    Read(number, rows, value => value);
                    break;
                case ColumnReader<int> number:
                    Read(number, rows, value => value);
                    break;
                default:
                    throw new FormatException($"Column '{path}' is of type {column.Type}.");
            }
        }

        return rows;
    }

    private static void Read<T>(ColumnReader<T> column, List<object?>[] rows, Func<T, object> convert)
        where T : unmanaged
    {
        short[] definitions = new short[1024];
        short[] repetitions = new short[1024];
        T[] values = new T[1024];
        int max = column.ColumnDescriptor.MaxDefinitionLevel;
        int row = -1;
        while (column.HasNext)
        {
            long levels = column.ReadBatch(values.Length, definitions, repetitions, values, out _);
            int value = 0;
            for (int i = 0; i < levels; i++)
            {
                // Levels of columns that cannot repeat are not filled in.
                if (column.ColumnDescriptor.MaxRepetitionLevel == 0 || repetitions[i] == 0)
                {
                    row++;
                }

                rows[row].Add(max == 0 || definitions[i] == max ? convert(values[value++]) : null);
            }
        }
    }

    private static unsafe object TextOf(ByteArray value) =>
        System.Text.Encoding.UTF8.GetString(new ReadOnlySpan<byte>((void*)value.Pointer, value.Length));
}
