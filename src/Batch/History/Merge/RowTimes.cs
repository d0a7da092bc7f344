using Lambda.Batch.History.Files;
using Lambda.Log;

namespace Lambda.Batch.History.Merge;

/// <summary>What the rows of a file are sorted by, in the order of the file.</summary>
/// <param name="Times">Their times.</param>
/// <param name="Partitions">Their partitions.</param>
/// <param name="Offsets">Their offsets.</param>
internal sealed record RowTimes(long[] Times, int[] Partitions, long[] Offsets)
{
    public int Count => Times.Length;

    /// <summary>What is wrong with the rows as those of a file of a date; null when nothing is.</summary>
    /// <param name="day">The first instant of the date; null when the file has none.</param>
    public string? ProblemOn(long? day)
    {
        RowOrder order = default;
        foreach (long time in Times)
        {
            order.Add(time);
        }

        return order.ProblemOn(day);
    }

    /// <summary>Where a row stands in the event log.</summary>
    public LogPosition PositionOf(int row) => new(Partitions[row], Offsets[row]);

    /// <summary>Reads them.</summary>
    /// <exception cref="HistoryException">The file is damaged.</exception>
    public static RowTimes Read(MergeInput input, TableLeaves leaves) => new(
        ReadColumn<long>(input, leaves.Time), ReadColumn<int>(input, leaves.Partition), ReadColumn<long>(input, leaves.Offset));

    /// <summary>Reads a column that has a value in every row.</summary>
    /// <exception cref="HistoryException">The file is damaged, or a value is missing.</exception>
    public static T[] ReadColumn<T>(MergeInput input, Leaf leaf)
        where T : unmanaged
    {
        try
        {
            using RequiredColumn<T> column = new(input, leaf);
            T[] values = new T[checked((int)input.Rows)];
            for (int row = 0; row < values.Length; row++)
            {
                values[row] = column.Next();
            }

            return values;
        }
        catch (Exception e) when (input.Explain(e) is { } explained)
        {
            throw explained;
        }
    }
}

/// <summary>The columns of a table, those by which its rows are sorted apart.</summary>
/// <param name="All">All of them, in the order of files.</param>
/// <param name="Time">The time by which files are sorted and dates are chosen.</param>
/// <param name="Partition">The partition of the log.</param>
/// <param name="Offset">The offset in it.</param>
internal sealed record TableLeaves(IReadOnlyList<Leaf> All, Leaf Time, Leaf Partition, Leaf Offset)
{
    /// <summary>Finds them.</summary>
    /// <exception cref="HistoryException">The table lacks one.</exception>
    public static TableLeaves Of(TableSchema schema, string timeColumn, string table)
    {
        IReadOnlyList<Leaf> all = Leaf.Of(schema.Fields);
        return new TableLeaves(
            all,
            Find(timeColumn, FieldType.Timestamp),
            Find(HistorySchema.Partition.Name, FieldType.Integer),
            Find(HistorySchema.Offset.Name, FieldType.Long));

        Leaf Find(string name, FieldType type) =>
            all.FirstOrDefault(leaf => leaf.Steps.Count == 1 && leaf.Field.Name == name && leaf.Field.Type == type && !leaf.Field.IsNullable)
            ?? throw new HistoryException(
                $"The Delta table '{table}' has no column '{name}' of type {type} without nulls: it is no history. Give the history another folder.");
    }
}
