namespace Lambda.Batch.History.Files;

/// <summary>A row of a run: which batch, and which row of it.</summary>
internal readonly record struct RowAddress(int Batch, int Row);

/// <summary>A row of a run with the instant it is sorted by; equal instants keep the order in which the rows came.</summary>
internal readonly record struct RowKey(long Time, RowAddress Address) : IComparable<RowKey>
{
    public int CompareTo(RowKey other)
    {
        int order = Time.CompareTo(other.Time);
        order = order != 0 ? order : Address.Batch.CompareTo(other.Address.Batch);
        return order != 0 ? order : Address.Row.CompareTo(other.Address.Row);
    }
}
