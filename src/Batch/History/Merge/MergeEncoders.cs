using Lambda.Batch.History.Files;

namespace Lambda.Batch.History.Merge;

/// <summary>Encoders for all columns of a table.</summary>
internal static class MergeEncoders
{
    /// <summary>One for each column, in the order of files; all are to be disposed of before the files.</summary>
    public static IReadOnlyList<ColumnEncoder> Of(IReadOnlyList<Leaf> leaves, IReadOnlyList<MergeInput> inputs) =>
        [.. leaves.Select(leaf => Of(leaf, inputs))];

    private static ColumnEncoder Of(Leaf leaf, IReadOnlyList<MergeInput> inputs) => leaf.Field.Type switch
    {
        FieldType.Boolean => new FixedMergeEncoder<bool, NoBounds<bool>>(leaf, inputs),
        FieldType.Integer => new FixedMergeEncoder<int, IntegerBounds<int>>(leaf, inputs),
        FieldType.Long => new FixedMergeEncoder<long, IntegerBounds<long>>(leaf, inputs),
        FieldType.Timestamp => new FixedMergeEncoder<long, TimestampBounds>(leaf, inputs),
        FieldType.Double => new FixedMergeEncoder<double, DoubleBounds>(leaf, inputs),
        FieldType.String or FieldType.DecimalText or FieldType.Binary => new BytesMergeEncoder(leaf, inputs),
        _ => throw new InvalidOperationException($"Column {leaf.Field} does not lie in files."),
    };
}

/// <summary>An encoder that reads files.</summary>
internal interface IMergeEncoder : IDisposable
{
    /// <summary>Takes in the column of some rows as if they were a file, without writing it, so that its statistics are known.</summary>
    void Scan(ReadOnlySpan<RowKey> rows);
}
