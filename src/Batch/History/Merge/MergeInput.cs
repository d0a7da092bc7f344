using Lambda.Batch.History.Files;
using ParquetSharp;

namespace Lambda.Batch.History.Merge;

/// <summary>A data file as it is read column by column.</summary>
/// <param name="reader">The open file.</param>
/// <param name="leaves">The columns of its table.</param>
internal sealed class MergeInput(DataFileReader reader, IReadOnlyList<Leaf> leaves) : IDisposable
{
    /// <summary>How many rows it has.</summary>
    public long Rows => reader.Rows;

    /// <summary>The file, as messages name it.</summary>
    public string Name => reader.Name;

    /// <summary>
    /// Why the file cannot be rewritten column by column; null when it can: all its columns are the table's, and lie in the same arrays. They may be declared as nullable where the
    /// table's are not, as other programs do, as long as they have no null.
    /// </summary>
    public string? Problem
    {
        get
        {
            Dictionary<string, Leaf> known = leaves.ToDictionary(leaf => DataFileReader.Key(leaf.Path), StringComparer.Ordinal);
            foreach (FileColumn column in reader.Columns)
            {
                if (!known.TryGetValue(column.Key, out Leaf? leaf))
                {
                    return $"it has a column '{column.Descriptor.Name}' that the table does not have";
                }

                if (FileLevels.Find(column.Descriptor, leaf.Field.Name, leaf.Nodes) is null || column.Descriptor.PhysicalType != PhysicalTypeOf(leaf.Field.Type))
                {
                    return $"its column '{column.Descriptor.Name}' has another form than the table's";
                }
            }

            Leaf? absent = leaves.FirstOrDefault(leaf => reader.IndexOf(leaf.Path) is null && !CanBeAbsent(leaf));
            return absent is null ? null : $"it lacks the column '{absent.Field.Name}'";
        }
    }

    /// <summary>Starts to go through a column.</summary>
    public LeafCursor<T> Open<T>(Leaf leaf)
        where T : unmanaged
    {
        if (reader.IndexOf(leaf.Path) is { } column)
        {
            return new LeafCursor<T>(reader, column, cut: null, leaf);
        }

        throw new InvalidDataException($"it lacks the column '{leaf.Field.Name}'");
    }

    /// <summary>The column next to one that the file lacks, to tell what it lies in; null when there is none.</summary>
    public Leaf? Neighbour(Leaf absent) => leaves
        .Where(leaf => leaf.Common(absent) > 0 && reader.IndexOf(leaf.Path) is not null)
        .OrderByDescending(leaf => leaf.Common(absent)).ThenBy(leaf => leaf.Steps.Count)
        .FirstOrDefault();

    /// <summary>Whether the file has a column.</summary>
    public bool Has(Leaf leaf) => reader.IndexOf(leaf.Path) is not null;

    /// <summary>Starts to go through the levels of a column's neighbour, for one that the file lacks.</summary>
    public LeafCursor<T> OpenLevels<T>(Leaf neighbour, Leaf absent)
        where T : unmanaged => new(reader, reader.IndexOf(neighbour.Path), absent.Steps[absent.Common(neighbour) - 1], neighbour);

    /// <summary>A column that is null in every row.</summary>
    public LeafCursor<T> OpenNulls<T>(Leaf absent)
        where T : unmanaged => new(reader, column: null, cut: null, absent);

    /// <summary>Whether values of a column repeat so often that the file has a dictionary of them.</summary>
    public bool HasDictionary(Leaf leaf)
    {
        if (reader.RowGroups == 0 || reader.IndexOf(leaf.Path) is not { } column)
        {
            return false;
        }

        using RowGroupReader group = reader.RowGroup(0);
        using ColumnChunkMetaData chunk = group.MetaData.GetColumnChunkMetaData(column);
        return chunk.Encodings.Contains(Encoding.RleDictionary) || chunk.Encodings.Contains(Encoding.PlainDictionary);
    }

    /// <summary>What an error says about the file; null when it is not about its bytes.</summary>
    public Exception? Explain(Exception error) => reader.Explain(error);

    public void Dispose() => reader.Dispose();

    /// <summary>The physical type that a column has in files.</summary>
    public static PhysicalType PhysicalTypeOf(FieldType type) => type switch
    {
        FieldType.Boolean => PhysicalType.Boolean,
        FieldType.Integer => PhysicalType.Int32,
        FieldType.Long or FieldType.Timestamp => PhysicalType.Int64,
        FieldType.Double => PhysicalType.Double,
        _ => PhysicalType.ByteArray,
    };

    /// <summary>Whether rows that lack a column can be told to have null in it, or in an object around it that they lack too.</summary>
    private bool CanBeAbsent(Leaf absent)
    {
        int common = Neighbour(absent) is { } near ? near.Common(absent) : 0;
        short above = common > 0 ? absent.Steps[common - 1].Definition : (short)0;
        return absent.Steps[common].Definition > above;
    }
}
