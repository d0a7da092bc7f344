using Lambda.Batch.History.Files;
using ParquetSharp;

namespace Lambda.Batch.Scan;

/// <summary>Stands for a column that a file does not have: every value is null.</summary>
internal sealed class AbsentDecoder(Events.Column target, bool[] nulls) : ColumnDecoder(target.Member.JsonName, isNullable: true)
{
    public override void Read(int count)
    {
        nulls.AsSpan(0, count).Fill(true);
        for (int row = 0; row < count; row++)
        {
            target.SetDefault(row);
        }
    }

    public override void Read(int count, Selection kept) => Read(kept.Count);

    public override void Skip(int count)
    {
    }

    public override void Dispose()
    {
    }

    private protected override void Take(ColumnReader? reader)
    {
    }
}
