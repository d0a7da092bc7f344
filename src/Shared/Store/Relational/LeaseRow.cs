namespace Lambda.Store.Relational;

/// <summary>A batch lease as its row holds it, which stays when the lease is given back, for its fence.</summary>
internal sealed class LeaseRow
{
    public string? Owner { get; init; }

    public long Fence { get; init; }

    /// <summary>In UTC microseconds.</summary>
    public long RunsOutAt { get; init; }

    /// <summary>Requires that nobody has taken the lease since. One that has run out but that nobody wanted still counts.</summary>
    /// <exception cref="FencedException">Somebody has.</exception>
    public static void RequireHeld(LeaseRow? row, BatchLease lease)
    {
        if (row?.Owner != lease.Owner || row.Fence != lease.Fence)
        {
            throw new FencedException(
                $"The batch lease of stream '{lease.Stream}' with fence {lease.Fence} was lost by '{lease.Owner}'; "
                + (row?.Owner is null ? "it was given back. " : $"'{row.Owner}' holds it with fence {row.Fence}. ")
                + "Nothing was written; stop the run.");
        }
    }
}
