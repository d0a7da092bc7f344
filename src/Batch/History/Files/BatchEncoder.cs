namespace Lambda.Batch.History.Files;

/// <summary>Writes a column of rows that lie in memory, where samples of them can be looked at.</summary>
/// <param name="field">The column; one that holds values.</param>
/// <param name="striping">Where its values lie within objects and arrays; null when the column is the table's own.</param>
internal abstract class BatchEncoder(TableField field, Striping? striping)
    : ColumnEncoder(field, striping?.FilePath ?? [field.Name], striping is { IsRepeated: true })
{
    private const int SampleRows = 2048;

    private protected Striping? Striping { get; } = striping;

    /// <summary>How many different values there are at some addresses.</summary>
    private protected abstract int CountDistinct(ReadOnlySpan<RowAddress> samples);

    private protected override bool AreRepetitive(ReadOnlySpan<RowKey> rows)
    {
        ReadOnlySpan<RowAddress> samples = Sample(rows);
        return CountDistinct(samples) * 2 <= samples.Length;
    }

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
