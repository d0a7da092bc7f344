namespace Lambda.Batch.Scan;

/// <summary>A row that counts in no view.</summary>
/// <param name="File">The file.</param>
/// <param name="RowGroup">The row group in it, from 0.</param>
/// <param name="Row">The row in the row group, from 0.</param>
/// <param name="Reason">What is wrong with it.</param>
internal sealed record RowRefusal(string File, int RowGroup, long Row, string Reason)
{
    public override string ToString() => $"{File}, row group {RowGroup}, row {Row}: {Reason}";
}
